/** Data of the page `notes`. */

import { type KtxPageSummary, listKtxPages } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { plainText } from '../note/plain-text.js';

/** Data of the page. */
export interface NotesData {
  /** Sorted by folder; those of the top folder first. */
  folders: NotesFolder[];
}

/** The notes of one folder, sorted by path. */
export interface NotesFolder {
  /** Path below `notes`, with slashes; empty for the top folder. */
  folder: string;
  notes: KtxPageSummary[];
}

/** Loads the data. */
export async function loadNotes(context: LoadContext): Promise<NotesData> {
  return { folders: groupNotes(await allNotes(context)) };
}

/** Groups notes by their folders. */
export function groupNotes(notes: KtxPageSummary[]): NotesFolder[] {
  const folders = new Map<string, KtxPageSummary[]>();
  for (const note of notes) {
    const folder = note.path.slice(0, note.path.lastIndexOf('/')).replace(/^notes\/?/, '');
    folders.set(folder, [...(folders.get(folder) ?? []), note]);
  }
  return [...folders]
    .map(([folder, members]) => ({ folder, notes: members }))
    .sort((one, other) => (one.folder < other.folder ? -1 : 1));
}

/** All notes of the project, sorted by path. */
export function allNotes(context: LoadContext): Promise<KtxPageSummary[]> {
  return context.once('notes', async () => {
    const notes = await listKtxPages(context.options);
    return notes.map((note) => ({ ...note, title: plainText(note.title) }));
  });
}

/** Paths of the notes. */
export async function listNotes(context: LoadContext): Promise<string[]> {
  return (await allNotes(context)).map(({ path }) => path);
}
