/** Objects of arguments that have their own keys only: an ignored `filter` in place of `filters` is a wrong number. */

import { z } from 'zod';

/** An object without other keys. The error for another key names the one that was probably meant, or all of them. */
export function closedObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, known) : undefined),
  });
}

/** A text, or the same in parts. The error for an object is that of its parts. */
export function textOr<Parts extends z.ZodObject>(parts: Parts) {
  return z.union([z.string(), parts], {
    error: (issue) => {
      if (issue.code !== 'invalid_union' || typeof issue.input !== 'object' || issue.input === null) return undefined;
      const messages = issue.errors.at(-1)?.map(({ path, message }) => [path.join('.'), message].filter(Boolean));
      return messages?.map((parts) => parts.join(': ')).join('; ');
    },
  });
}

/** Characters of a key that a message repeats. */
const MAX_SHOWN = 80;

function unknownKeys(keys: readonly string[], known: string[]): string {
  const shown = keys.map((key) => key.slice(0, MAX_SHOWN));
  return shown.map((key) => `Unknown key ${key}${suggestion(key, known)}`).join('; ');
}

function suggestion(key: string, known: string[]): string {
  const near = known.filter((candidate) => isNear(key.toLowerCase(), candidate));
  return near.length === 0 ? `; expected one of ${known.join(', ')}` : `; did you mean ${near.join(' or ')}?`;
}

/** Whether a letter less in one or both makes them equal; notation does not count, as in `orderBy`. */
function isNear(key: string, candidate: string): boolean {
  const [left, right] = [key, candidate].map((text) => shortened(text.replaceAll(/[^a-z]/g, '')));
  return left !== undefined && right !== undefined && left.some((text) => right.includes(text));
}

/** A text, and the same without one of its letters. */
function shortened(text: string): string[] {
  return [text, ...Array.from(text, (_, at) => text.slice(0, at) + text.slice(at + 1))];
}
