// residual-vq/worker: what a Web Worker of a pool runs. It has no core of its own; the pool sends it, compiled.
import { toWire } from '../pool/protocol.ts';
import { createServer } from '../pool/serve.ts';

const scope = globalThis;

// In a page these would be the page's own messages, and in Node there is nobody to listen to.
if (typeof scope.postMessage === 'function' && typeof document === 'undefined') {
  const serve = createServer((reply, transfer) => scope.postMessage(reply, { transfer }));
  scope.addEventListener('message', ({ data }) => serve(data));
  scope.addEventListener('messageerror', () => {
    scope.postMessage({ type: 'failed', error: toWire(new Error('a message to it cannot be read there')) });
  });
}
