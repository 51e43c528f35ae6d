/** Data of the page `note`. */

import { readKtxPage } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { allNotes } from '../notes/data.js';
import { parseMarkdown } from './markdown.js';
import type { NoteNode } from './note-node.js';

/** Data of the page. */
export interface NoteData {
  path: string;
  title: string;
  /** The text without its first heading, if that is the title; `null` if it is too long to be formatted. */
  nodes: NoteNode[] | null;
  /** The Markdown, only of a text that is too long. */
  text?: string;
}

/** Longest text that is formatted, in characters: the time to parse some texts grows faster than their length. */
const MAX_LENGTH = 200_000;

/** Loads the data. */
export async function loadNote(context: LoadContext, { name }: { name: string }): Promise<NoteData> {
  const { path, title, text } = await readKtxPage({ ...context.options, path: name });
  if (text.length > MAX_LENGTH) return { path, title, nodes: null, text };
  const paths = new Set((await allNotes(context)).map((note) => note.path));
  return { path, title, nodes: parseMarkdown({ path, title, text, paths }) };
}
