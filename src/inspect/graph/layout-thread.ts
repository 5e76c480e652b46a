// The layout library's worker as a thread of Node's.
import { Worker as Thread } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { type Layouter, layouter } from './layouter.ts';
import { pageFile } from './page-files.ts';

/** What the library's script finds in a browser's worker. */
const AROUND = `const { parentPort } = require('node:worker_threads');
globalThis.self = { postMessage: (message) => parentPort.postMessage(message) };
parentPort.on('message', (data) => globalThis.self.onmessage({ data }));
`;
/** A layout that needs more is given up. */
const MAX_MEGABYTES = 1024;

/** Starts no thread before the first layout. */
export function threadLayouter(): Layouter {
  return layouter(() => {
    const script = gunzipSync(Buffer.from(pageFile('elk-worker.js.gz.base64'), 'base64')).toString('utf8');
    const thread = new Thread(AROUND + script, {
      eval: true,
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: MAX_MEGABYTES },
    });
    const worker = {
      onmessage: (_event: { data: unknown }): void => undefined,
      onerror: (_error: unknown): void => undefined,
      postMessage: (message: unknown) => thread.postMessage(message),
      terminate: () => void thread.terminate(),
    };
    thread.on('message', (data: unknown) => worker.onmessage({ data }));
    // The library waits for its time limit where the thread dies.
    thread.on('error', (error) => worker.onerror(error));
    return worker as unknown as Worker;
  });
}
