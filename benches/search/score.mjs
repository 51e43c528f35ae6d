// Recall of the needed tables among the tables of the first hits.

/** Number of hits that count. */
export const LIMIT = 10;

/** Kind of the questions without a word of the tables that they need. */
export const OTHER_WORDS = 'other words';

/** Compares the tables of the hits, best first and repeated as the hits are, with those that a question needs. */
export function score({ tables }, hits) {
  const found = new Set(hits.slice(0, LIMIT).map((table) => table.toLowerCase()));
  const missed = tables.filter((table) => !found.has(table.toLowerCase()));
  return { recall: 1 - missed.length / tables.length, missed };
}

/**
 * Mean recall of each set: `[{ name, count, recall, complete, tables, plain, worst, … }]`. `complete` is the share of
 * questions with all needed tables, `tables` the recall if hits are of that kind only, `worst` the results that miss a
 * table. `vectors`, `tablesWithVectors`, `worstWithVectors` are the same with vectors, `changed` the results that differ.
 * The set of all is without the questions in other words.
 */
export function summaries(results) {
  const [asked, others] = [results.filter((each) => !isInOtherWords(each)), results.filter(isInOtherWords)];
  const own = asked.filter(({ question }) => question.schema !== 'tpcds');
  const sets = new Map();
  const add = (name, result) => sets.set(name, [...(sets.get(name) ?? []), result]);
  for (const result of own) add(result.question.schema, result);
  for (const result of own) add(`${own.length} questions`, result);
  for (const result of asked) if (!own.includes(result)) add(result.question.kind, result);
  for (const result of asked) add('all', result);
  for (const result of others) add(OTHER_WORDS, result);
  return [...sets].map(([name, members]) => summary(name, members));
}

function isInOtherWords({ question }) {
  return question.kind === OTHER_WORDS;
}

function summary(name, members) {
  const recallOf = (side) => mean(members.map((member) => member[side].recall));
  const worstOf = (side) => members.filter((each) => each[side].recall < 1).sort(by((each) => each[side].recall));
  const withoutVectors = {
    name,
    count: members.length,
    recall: recallOf('found'),
    complete: mean(members.map(({ found }) => Number(found.recall === 1))),
    tables: recallOf('tables'),
    plain: recallOf('plain'),
    worst: worstOf('found'),
  };
  if (members[0].vectors === undefined) return withoutVectors;
  return {
    ...withoutVectors,
    vectors: recallOf('vectors'),
    tablesWithVectors: recallOf('tablesWithVectors'),
    worstWithVectors: worstOf('vectors'),
    changed: members.filter(({ found, vectors }) => vectors.recall !== found.recall),
  };
}

function by(key) {
  return (one, other) => key(one) - key(other);
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
