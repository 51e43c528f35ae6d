/** Command lines of bash: split into words without expanding anything, and candidates quoted for insertion. */

import { isShellSafe, quoteForShell } from '../output/shell.js';
import type { Candidate } from './candidates.js';

/** The words of a line, without quotes; the last one is at the cursor, and empty after a blank. */
export interface Line {
  words: string[];
  /** Whether the last word has an open quote. */
  isQuoted: boolean;
}

/** Splits a line at blanks outside of quotes. */
export function splitLine(line: string): Line {
  const words = [''];
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    let character = line[at] as string;
    if (quote === '' && /\s/.test(character)) {
      if (words.at(-1) !== '') words.push('');
      continue;
    }
    if (character === quote || (quote === '' && /['"]/.test(character))) {
      quote = quote === '' ? character : '';
      continue;
    }
    if (character === '\\' && quote !== "'") {
      at += 1;
      character = line[at] ?? '';
    }
    words.push(words.pop() + character);
  }
  return { words, isQuoted: quote !== '' };
}

/**
 * Converts candidates to what bash inserts for `current`: the part after the last character of `breaks` that the word
 * has, as bash replaces that part only, in quotes where necessary. Within an open quote only safe ones are left.
 */
export function toInsertions({ isQuoted, words }: Line, candidates: Candidate[], breaks: string): Candidate[] {
  const current = words.at(-1) ?? '';
  const kept = isQuoted
    ? 0
    : 1 + Math.max(...[':', '='].map((it) => (breaks.includes(it) ? current.lastIndexOf(it) : -1)));
  const usable = isQuoted ? candidates.filter(({ value }) => isShellSafe(value)) : candidates;
  return usable.map((candidate) => ({ ...candidate, value: quote(candidate.value.slice(kept)) }));
}

function quote(text: string): string {
  return text === '' ? '' : quoteForShell(text, 'posix');
}
