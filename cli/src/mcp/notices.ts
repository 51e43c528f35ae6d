/** Messages of the managed runtime while calls run: for the server's log, and for the clients of those calls. */

import type { KtxCliIo } from '@kaelio/ktx';

type Listener = (message: string) => void;

/** Hands every line on to the log and to the calls that run at that moment. */
export class Notices {
  readonly #listeners = new Set<Listener>();

  /** Streams for the runtime; standard output belongs to the protocol, so nothing ever goes there. */
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

  /** Hears every line until the function that it returns is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
