/** Data of the page `relationships`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type RelationshipsData = object;

/** Loads the data. */
export async function loadRelationships(_context: LoadContext): Promise<RelationshipsData> {
  return {};
}
