/** Progress of a call, on its way to the client. */

import type { ServerContext } from '@modelcontextprotocol/server';

/** Sends progress notifications of a call in order; none where the client did not ask for them. */
export class CallProgress {
  #count = 0;
  #last = '';
  #sent: Promise<void> = Promise.resolve();

  constructor(private readonly request: ServerContext['mcpReq']) {}

  /** Sends a message; the same twice in a row is sent once. */
  report(message: string): void {
    const progressToken = this.request._meta?.progressToken;
    if (progressToken === undefined || message === this.#last || this.request.signal.aborted) return;
    this.#last = message;
    // The protocol wants a number that grows, and the phases of a run each count from nothing.
    const params = { progressToken, progress: ++this.#count, message };
    this.#sent = this.#sent
      .then(() => this.request.notify({ method: 'notifications/progress', params }))
      // A client that is gone needs no progress.
      .catch(() => {});
  }

  /** Resolves when every notification has been sent: the answer must not overtake one. */
  settled(): Promise<void> {
    return this.#sent;
  }
}
