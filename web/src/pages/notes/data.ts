/** Data of the page `notes`. */

import { listKtxPages } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';

/** Data of the page. */
export type NotesData = object;

/** Loads the data. */
export async function loadNotes(_context: LoadContext): Promise<NotesData> {
  return {};
}

/** Paths of the notes. */
export async function listNotes(context: LoadContext): Promise<string[]> {
  return (await listKtxPages(context.options)).map(({ path }) => path);
}
