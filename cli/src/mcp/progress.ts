/** Progress of a call, on its way to the client. */

import type { ServerContext } from '@modelcontextprotocol/server';

/** Tells the client of a call what is being done, in the order told; nothing where it did not ask. */
export class CallProgress {
  #told = 0;
  #last = '';
  #sent: Promise<void> = Promise.resolve();

  constructor(private readonly request: ServerContext['mcpReq']) {}

  /** Sends a message; the same twice in a row is sent once. */
  tell(message: string): void {
    const progressToken = this.request._meta?.progressToken;
    if (progressToken === undefined || message === this.#last || this.request.signal.aborted) return;
    this.#last = message;
    // The protocol wants a number that grows, and the phases of a run each count from nothing.
    const params = { progressToken, progress: ++this.#told, message };
    this.#sent = this.#sent
      .then(() => this.request.notify({ method: 'notifications/progress', params }))
      // A client that is gone needs no progress.
      .catch(() => {});
  }

  /** Resolves when everything told has been sent: an answer must not overtake it. */
  settled(): Promise<void> {
    return this.#sent;
  }
}
