/** Limits the time of code that cannot be interrupted by itself. */

import { runInNewContext } from 'node:vm';

/**
 * Returns the result of a function, or `undefined` if it takes longer than some milliseconds. It is ended where it is, so
 * that it must not change anything that others use.
 */
export function withinTime<T>(timeout: number, run: () => T): T | undefined {
  try {
    // The limit holds for all that the script calls, also for functions of other contexts.
    return runInNewContext('run()', { run }, { timeout }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}
