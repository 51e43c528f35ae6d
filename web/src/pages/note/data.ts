/** Data of the page `note`. */

import { readKtxPage } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { allNotes } from '../notes/data.js';
import { parseMarkdown } from './markdown.js';
import { type NoteNode, textOf } from './note-node.js';

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
  return { path, title, nodes: withoutTitle(parseMarkdown(text, path, paths), title) };
}

function withoutTitle(nodes: NoteNode[], title: string): NoteNode[] {
  const first = nodes.findIndex((node) => typeof node !== 'string' || node.trim() !== '');
  const node = nodes[first];
  const repeats = typeof node === 'object' && node.tag === 'h2' && sameText(textOf(node.children), title);
  return repeats ? nodes.slice(first + 1) : nodes;
}

function sameText(one: string, other: string): boolean {
  return one.replace(/\s+/g, ' ').trim() === other.replace(/\s+/g, ' ').trim();
}
