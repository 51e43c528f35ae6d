/** Data of the page `run`. */

import type { LoadContext } from '../../node/context.js';
import { recordedRuns } from '../../node/project-data.js';

/** Data of the page. */
export type RunData = object;

/** Loads the data. */
export async function loadRun(_context: LoadContext): Promise<RunData> {
  return {};
}

/** Ids of the runs. */
export async function listRuns(context: LoadContext): Promise<string[]> {
  return (await recordedRuns(context)).map(({ runId }) => runId);
}
