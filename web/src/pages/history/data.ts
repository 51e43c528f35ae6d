/** Data of the page `history`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type HistoryData = object;

/** Loads the data. */
export async function loadHistory(_context: LoadContext): Promise<HistoryData> {
  return {};
}
