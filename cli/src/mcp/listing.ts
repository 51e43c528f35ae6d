/** Lists of names: filtered, and limited to the rows of an answer. */

import { MAX_ROWS } from './size.js';

/** The first entries whose names contain a text, the number of all of these, and how to see the others. */
export function firstMatches<Entry>(
  entries: Entry[],
  contains: string | undefined,
  nameOf: (entry: Entry) => string,
): { found: Entry[]; total: number; hint: { truncated?: true; hint?: string } } {
  const part = contains?.toLowerCase() ?? '';
  const matches = entries.filter((entry) => nameOf(entry).toLowerCase().includes(part));
  const found = matches.slice(0, MAX_ROWS);
  if (found.length === matches.length) return { found, total: matches.length, hint: {} };
  const hint = `These are ${found.length} of ${matches.length}: set contains to a part of a name`;
  return { found, total: matches.length, hint: { truncated: true, hint } };
}
