/** Argument objects that reject unknown keys: ignoring `filter` instead of `filters` would change the numbers. */

import { z } from 'zod';
import { cutText } from '../output/cut-text.js';
import { isSimilar, lettersOf } from '../similar.js';

/** Schema of an object without other keys. The error for an unknown key suggests similar keys, else lists all. */
export function closedObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const allowed = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? describeUnknownKeys(issue.keys, allowed) : undefined),
  });
}

/** Schema of a string or an object. The error for an object is that of its fields. */
export function stringOr<Parts extends z.ZodObject>(parts: Parts) {
  return z.union([z.string(), parts], {
    error: (issue) => {
      if (issue.code !== 'invalid_union' || typeof issue.input !== 'object' || issue.input === null) return undefined;
      const messages = issue.errors.at(-1)?.map(({ path, message }) => [path.join('.'), message].filter(Boolean));
      return messages?.map((parts) => parts.join(': ')).join('; ');
    },
  });
}

/** Maximum keys that a message or the notes of an answer name. */
const MAX_KEYS = 10;

/** Maximum characters of a key in a message. */
const MAX_KEY_LENGTH = 80;

/** A key as a message names it. */
export function shortKey(key: string): string {
  return cutText(key, MAX_KEY_LENGTH);
}

/** Sentences on the first keys, and one on the number of others, if there are any. */
export function describeKeys(
  keys: readonly string[],
  describe: (key: string) => string,
  describeOthers: (count: number) => string,
): string[] {
  const others = keys.length - MAX_KEYS;
  return [...keys.slice(0, MAX_KEYS).map(describe), ...(others > 0 ? [describeOthers(others)] : [])];
}

function describeUnknownKeys(keys: readonly string[], allowed: string[]): string {
  const describe = (key: string) => `Unknown key ${shortKey(key)}${suggest(key, allowed)}`;
  return describeKeys(keys, describe, (count) => `${count} further unknown keys`).join('; ');
}

function suggest(key: string, allowed: string[]): string {
  const similar = similarKeys(key, allowed);
  return similar.length === 0 ? `; expected one of ${allowed.join(', ')}` : `; did you mean ${similar.join(' or ')}?`;
}

/** Words of other query languages for keys of ours. */
const SYNONYMS: Record<string, string> = {
  where: 'filters',
  having: 'filters',
  groupby: 'dimensions',
  metrics: 'measures',
  sort: 'order_by',
  sortby: 'order_by',
};

/** The allowed keys that a key may be meant for. */
export function similarKeys(key: string, allowed: readonly string[]): string[] {
  const letters = lettersOf(key);
  return allowed.filter((candidate) => SYNONYMS[letters] === candidate || isSimilar(letters, lettersOf(candidate)));
}
