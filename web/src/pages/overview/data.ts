/** Data of the page `overview`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type OverviewData = object;

/** Loads the data. */
export async function loadOverview(_context: LoadContext): Promise<OverviewData> {
  return {};
}
