// What the scripted reader of a question knows: names shorten words, and hits name sources and fields.
import { wordsOf } from '../search/plain.mjs';

const SHORTEST = 3;

/** Number of words that a name has, or shortens, as `ord_hdr` does `order headers`. */
export function overlap(words, name) {
  const names = wordsOf(name);
  return wordsOf(words).filter((word) => names.some((other) => isAlike(word, other))).length;
}

/** Whether the shorter word has letters of the longer one in their order, the first one included. */
function isAlike(word, other) {
  const [short, long] = word.length < other.length ? [word, other] : [other, word];
  if (short.length < SHORTEST || short[0] !== long[0]) return false;
  let position = 0;
  for (const letter of long) if (letter === short[position]) position += 1;
  return position === short.length;
}

/** The first of the items with the highest rating. */
export function best(items, rate) {
  const rated = items.map((item) => ({ item, rating: rate(item) }));
  return rated.reduce((first, next) => (next.rating > first.rating ? next : first), rated[0])?.item;
}

/** Semantic source and field of a hit; sources that `ktx sl generate` wrote are named like their tables. */
export function placeOf({ kind, name }) {
  const parts = name.split('.');
  if (kind === 'table') return { source: parts.at(-1) };
  if (kind === 'source') return { source: name };
  return { source: parts.at(-2), field: parts.at(-1) };
}
