/** Data of the page `tables`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type TablesData = object;

/** Loads the data. */
export async function loadTables(_context: LoadContext): Promise<TablesData> {
  return {};
}
