/** Which notes name which tables. */

import { type KtxPageSummary, readKtxPage } from '@kaelio/ktx';
import { allNotes } from '../pages/notes/data.js';
import { type LoadContext, orMissing } from './context.js';
import { tableNames } from './table-names.js';

/** An identifier with its qualifiers. */
const NAME = /[\p{L}\p{N}_$]+(?:\.[\p{L}\p{N}_$]+)*/gu;

/** Code within a line of Markdown. */
const CODE = /`([^`\n]+)`/g;

/** Notes by the names of the tables that they name; a name without a schema counts if it is the only table of that name. */
export function notesByTable(context: LoadContext, connectionId: string): Promise<Map<string, KtxPageSummary[]>> {
  return context.once(`notes by table ${connectionId}`, async () => {
    const names = await tableNames(context, connectionId);
    const found = new Map<string, KtxPageSummary[]>();
    for (const { note, candidates } of await notedNames(context)) {
      const tables = new Set([...candidates].flatMap((name) => names.resolve(name) ?? []));
      for (const table of tables) found.set(table, [...(found.get(table) ?? []), note]);
    }
    return found;
  });
}

function notedNames(context: LoadContext): Promise<{ note: KtxPageSummary; candidates: Set<string> }[]> {
  return context.once('names in notes', async () => {
    const notes = await allNotes(context);
    const read = ({ path }: KtxPageSummary) => orMissing(readKtxPage({ ...context.options, path }), 'KTX_FILE_IO');
    const pages = await Promise.all(notes.map(read));
    return notes.map((note, index) => ({ note, candidates: candidatesIn(pages[index]?.text ?? '') }));
  });
}

/**
 * Texts that may be names of tables: names with a schema, and names in code, as `orders` is a word, too; with the names
 * that they begin with, as `orders.total` names a column.
 */
export function candidatesIn(text: string): Set<string> {
  const found = new Set<string>();
  const add = (words: string, least: number) => {
    for (const [name] of words.matchAll(NAME)) {
      const parts = name.split('.');
      for (let count = least; count <= parts.length; count += 1) found.add(parts.slice(0, count).join('.'));
    }
  };
  add(text, 2);
  for (const [, code = ''] of text.matchAll(CODE)) add(code, 1);
  return found;
}
