// What the scripted reader of a question knows: words that begin alike mean the same, and the names of aggregates.
import { wordsOf } from '../search/plain.mjs';

const PREFIX = 3;

/** Number of words that have a word in a name which begins alike, as `orders` and `ord_hdr`. */
export function overlap(words, name) {
  const names = wordsOf(name);
  return wordsOf(words).filter((word) => names.some((other) => isAlike(word, other))).length;
}

function isAlike(word, other) {
  const [short, long] = word.length < other.length ? [word, other] : [other, word];
  return short.length >= PREFIX && long.startsWith(short);
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
