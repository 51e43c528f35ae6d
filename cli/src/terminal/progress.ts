/** Progress of long-running work: a status line with a bar on a terminal, plain lines elsewhere. */

import type { CliIo } from './io.js';

/** Progress within a step: `done` of `total`, if known. */
export interface ProgressCount {
  done?: number;
  total?: number;
}

/** Reports the current step. As plain lines, a repeated message is printed once, and counts at every tenth. */
export type Progress = (message: string, count?: ProgressCount) => void;

/** Creates a reporter for the status line, or for `stderr`; call {@link endProgress} at the end. */
export function createProgress(io: CliIo): Progress {
  let last = '';
  return (message, count = {}) => {
    if (io.status !== undefined) {
      io.status.show(message, renderBar(count));
      return;
    }
    const step = `${message}\n${tenths(count)}`;
    if (step !== last) io.stderr.write(`${progressText(message, count)}\n`);
    last = step;
  };
}

/** Erases the status line. */
export function endProgress(io: CliIo): void {
  io.status?.clear();
}

/** `Staging (3/20)`. */
export function progressText(message: string, { done, total }: ProgressCount): string {
  return done === undefined || total === undefined ? message : `${message} (${done}/${total})`;
}

const BAR_WIDTH = 24;

/** `██████░░░░░░ 5/10`; `undefined` without a total. */
function renderBar({ done, total }: ProgressCount): string | undefined {
  if (done === undefined || total === undefined || total <= 0) return undefined;
  const full = Math.floor(fraction(done, total) * BAR_WIDTH);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${done}/${total}`;
}

function tenths({ done, total }: ProgressCount): number | undefined {
  return done === undefined || total === undefined ? undefined : Math.floor(fraction(done, total) * 10);
}

function fraction(done: number, total: number): number {
  return total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
}
