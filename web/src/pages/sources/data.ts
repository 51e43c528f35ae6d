/** Data of the page `sources`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type SourcesData = object;

/** Loads the data. */
export async function loadSources(_context: LoadContext): Promise<SourcesData> {
  return {};
}
