// What a pool's thread runs: bundled to a text without the bytes of the core, which come as a compiled module.
import { parentPort } from 'node:worker_threads';
import { toWire } from '../pool/protocol.ts';
import { createServer } from '../pool/serve.ts';

const port = parentPort;
if (port !== null) {
  port.on(
    'message',
    createServer((reply, buffers) => port.postMessage(reply, buffers)),
  );
  port.on('messageerror', (error) => port.postMessage({ type: 'failed', error: toWire(error) }, []));
}
