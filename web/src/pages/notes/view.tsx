/** The page `notes`. */

import type { NotesData } from './data.js';

/** The view. */
export function NotesView({ data }: { data: NotesData }) {
  return <pre>{JSON.stringify(data)}</pre>;
}
