/** Data of the page `changes`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type ChangesData = object;

/** Loads the data. */
export async function loadChanges(_context: LoadContext): Promise<ChangesData> {
  return {};
}
