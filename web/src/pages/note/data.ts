/** Data of the page `note`. */

import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type NoteData = object;

/** Loads the data. */
export async function loadNote(_context: LoadContext): Promise<NoteData> {
  return {};
}
