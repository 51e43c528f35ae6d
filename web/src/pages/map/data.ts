/** Data of the page `map`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type MapData = object;

/** Loads the data. */
export async function loadMap(_context: LoadContext): Promise<MapData> {
  return {};
}
