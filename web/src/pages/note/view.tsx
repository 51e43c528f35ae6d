/** The page `note`. */

import type { NoteData } from './data.js';

/** The view. */
export function NoteView({ data }: { data: NoteData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
