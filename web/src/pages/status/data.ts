/** Data of the page `status`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type StatusData = object;

/** Loads the data. */
export async function loadStatus(_context: LoadContext): Promise<StatusData> {
  return {};
}
