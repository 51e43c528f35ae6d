/** Progress notifications of a tool call. */

import type { ToolRequest } from './tool-request.js';

/** Number of notifications of a request, which is run again after an input request of the revisions of 2025. */
const counts = new WeakMap<AbortSignal, number>();

/** Sends progress notifications of a call in order, if the client requested progress. */
export class CallProgress {
  #last = '';
  #sent: Promise<void> = Promise.resolve();

  constructor(private readonly request: ToolRequest) {}

  /** Sends a message; a repeated message is sent once. */
  report(message: string): void {
    const progressToken = this.request._meta?.progressToken;
    if (progressToken === undefined || message === this.#last || this.request.signal.aborted) return;
    this.#last = message;
    // The protocol requires an increasing number, and each phase of a run counts from 0.
    const progress = (counts.get(this.request.signal) ?? 0) + 1;
    counts.set(this.request.signal, progress);
    const params = { progressToken, progress, message };
    this.#sent = this.#sent
      .then(() => this.request.notify({ method: 'notifications/progress', params }))
      // The client has disconnected.
      .catch(() => {});
  }

  /** Resolves when every notification has been sent; the result must be sent after them. */
  settled(): Promise<void> {
    return this.#sent;
  }
}
