/** Markdown as plain text, for one line of it: headings of notes and excerpts of the search. */

import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { parseHtml } from './html-tree.js';
import { textOf } from './note-node.js';

/** Lines between the head and the body of tables, also within an excerpt on one line. */
const TABLE_RULE = /\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?)?/g;

/** The text of a line or an excerpt, without the signs of Markdown; lines that were joined to one have lost their blocks. */
export function plainText(markdown: string): string {
  const joined = markdown.replace(TABLE_RULE, ' ');
  const cells = (joined.match(/\|/g)?.length ?? 0) > 1 ? joined.replaceAll('|', ' ') : joined;
  // A block is not known to begin here: an indented line would be code.
  const html = micromark(cells.trim(), { extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  return textOf(parseHtml(html)).replace(/\s+/g, ' ').trim();
}
