/** Messages of the managed runtime, for the log of the server and the clients of running calls. */

import type { KtxCliIo } from '@kaelio/ktx';

type Listener = (message: string) => void;

/** Forwards every message to the log and to the listeners registered at that time. */
export class Notices {
  readonly #listeners = new Set<Listener>();

  /** Streams for the runtime; neither writes to standard output, which belongs to the protocol. */
  readonly io: KtxCliIo;

  constructor(log: { write(chunk: string): unknown }) {
    const stream = {
      write: (chunk: string) => {
        log.write(chunk);
        const message = chunk.trim();
        if (message !== '') for (const listener of this.#listeners) listener(message);
      },
    };
    this.io = { stdout: stream, stderr: stream };
  }

  /** Adds a listener; the returned function removes it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
