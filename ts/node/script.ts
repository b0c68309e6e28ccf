// The text of worker.ts. In the package it is a file of its own, dist/thread.cjs, which modules and CommonJS share: scripts/worker-script.ts.

/** Put in by the bundler. */
declare const WORKER_SCRIPT: string;

export const script: string = WORKER_SCRIPT;
