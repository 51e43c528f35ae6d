/** Ids of the rows of a page, to which links lead. */

import { slugOf } from './slug.js';

/** What a row is of: columns of tables and sources, parts of the semantic layer. */
export type AnchorKind = 'column' | 'measure' | 'segment' | 'metric';

/** Id of the row of an object, by its name without that of its table or source: `column-order_id`. */
export function anchorOf(kind: AnchorKind, name: string): string {
  return `${kind}-${slugOf(name)}`;
}
