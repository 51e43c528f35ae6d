/** Progress of long work: a status line on a terminal, plain lines elsewhere. */

import type { CliIo } from './io.js';

/** Says what is being done; the same text twice in a row is said once where lines stay. */
export type Progress = (message: string) => void;

/** A progress that ends with {@link endProgress}. */
export function progressOn(io: CliIo): Progress {
  let last = '';
  return (message) => {
    if (io.status !== undefined) {
      io.status.show(message);
    } else if (message !== last) {
      io.stderr.write(`${message}\n`);
    }
    last = message;
  };
}

/** Takes the status line away. */
export function endProgress(io: CliIo): void {
  io.status?.clear();
}
