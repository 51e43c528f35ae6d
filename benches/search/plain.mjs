// The comparison: tables ranked by the number of words of a question that are words of their names and comments.

const CAMEL = /(?<=[\p{Ll}\d])(?=\p{Lu})/gu;
const WORD = /[\p{L}\d]+/gu;

/** Words of a name or text in lower case; names are split at `_` and before capitals. */
export function wordsOf(text) {
  return (text.replace(CAMEL, ' ').match(WORD) ?? []).map((word) => word.toLowerCase());
}

/** Names of the tables that share a word with a question, those with the most first, then by name. */
export function matchWords(tables, text) {
  const asked = new Set(wordsOf(text));
  return tables
    .map(({ name, words }) => ({ name, count: [...asked].filter((word) => words.has(word)).length }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1))
    .map(({ name }) => name);
}
