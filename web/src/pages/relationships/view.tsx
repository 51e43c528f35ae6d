/** The page `relationships`. */

import type { RelationshipsData } from './data.js';

/** The view. */
export function RelationshipsView({ data }: { data: RelationshipsData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
