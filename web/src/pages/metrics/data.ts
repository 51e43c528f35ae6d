/** Data of the page `metrics`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type MetricsData = object;

/** Loads the data. */
export async function loadMetrics(_context: LoadContext): Promise<MetricsData> {
  return {};
}
