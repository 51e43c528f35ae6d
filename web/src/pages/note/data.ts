/** Data of the page `note`. */

import { sep } from 'node:path';
import { type KtxPage, readKtxPage } from '@kaelio/ktx';
import { codeOf, type LoadContext } from '../../node/context.js';
import { allNotes } from '../notes/data.js';
import { parseMarkdown } from './markdown.js';
import type { NoteNode } from './note-node.js';
import { plainText } from './plain-text.js';
import { withinTime } from './time-limit.js';

/** Data of the page. */
export interface NoteData {
  path: string;
  title: string;
  /** The text without its first heading, if that is the title; `null` if it takes too long to format it. */
  nodes: NoteNode[] | null;
  /** The Markdown, only if there are no nodes. */
  text?: string;
  /** Why the note cannot be read. */
  error?: string;
}

/** Longest text that is formatted, in characters. */
const MAX_LENGTH = 100_000;

/** Longest time for it, in milliseconds. That of some texts grows with the square of their length, and others wait. */
const MAX_TIME = 3000;

/** Loads the data. */
export async function loadNote(context: LoadContext, { name }: { name: string }): Promise<NoteData> {
  let page: KtxPage;
  try {
    page = await readKtxPage({ ...context.options, path: name });
  } catch (error) {
    if (codeOf(error) !== 'KTX_FILE_IO') throw error;
    // The page of one note must not end the build of all. Without the folder, which is of the machine.
    const message = (error as Error).message.replaceAll(`${context.project.projectDir}${sep}`, '');
    return { path: name, title: name, nodes: null, text: '', error: message };
  }
  const { path, text } = page;
  const title = plainText(page.title);
  const paths = new Set((await allNotes(context)).map((note) => note.path));
  const parse = () => parseMarkdown({ path, title, text, paths });
  const nodes = text.length > MAX_LENGTH ? undefined : withinTime(MAX_TIME, parse);
  return nodes === undefined ? { path, title, nodes: null, text } : { path, title, nodes };
}
