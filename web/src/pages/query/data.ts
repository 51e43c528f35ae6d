/** Data of the page `query`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type QueryData = object;

/** Loads the data. */
export async function loadQuery(_context: LoadContext): Promise<QueryData> {
  return {};
}
