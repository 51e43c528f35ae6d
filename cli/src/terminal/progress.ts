/** Progress of long work: a status line with a bar on a terminal, plain lines elsewhere. */

import type { CliIo } from './io.js';

/** How far something is: `done` of `total`, where that is known. */
export interface Counted {
  done?: number;
  total?: number;
}

/** Says what is being done, and how far it is. Where lines stay, each is said once in a row, and counts in tenths. */
export type Progress = (message: string, counted?: Counted) => void;

/** A progress that ends with {@link endProgress}. */
export function progressOn(io: CliIo): Progress {
  let last = '';
  return (message, counted = {}) => {
    if (io.status !== undefined) {
      io.status.show(message, barOf(counted));
      return;
    }
    const step = `${message}\n${tenths(counted)}`;
    if (step !== last) io.stderr.write(`${progressText(message, counted)}\n`);
    last = step;
  };
}

/** Takes the status line away. */
export function endProgress(io: CliIo): void {
  io.status?.clear();
}

/** `Staging (3/20)`. */
export function progressText(message: string, { done, total }: Counted): string {
  return done === undefined || total === undefined ? message : `${message} (${done}/${total})`;
}

const CELLS = 24;

/** `██████░░░░░░ 5/10`, or nothing where there is nothing to count. */
function barOf({ done, total }: Counted): string | undefined {
  if (done === undefined || total === undefined || total <= 0) return undefined;
  const full = Math.floor(share(done, total) * CELLS);
  return `${'█'.repeat(full)}${'░'.repeat(CELLS - full)} ${done}/${total}`;
}

function tenths({ done, total }: Counted): number | undefined {
  return done === undefined || total === undefined ? undefined : Math.floor(share(done, total) * 10);
}

function share(done: number, total: number): number {
  return total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
}
