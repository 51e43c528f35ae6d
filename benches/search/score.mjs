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
 * Mean recall of each set: `[{ name, count, recall, complete, tables, plain, vectors?, worst }]`. `complete` is the share of
 * questions with all needed tables, `tables` the recall if hits are of that kind only, `vectors` the recall with vectors,
 * `changed` the results with another recall then, `worst` those that miss a table without.
 */
export function summaries(results) {
  const own = results.filter(({ question }) => question.schema !== 'tpcds' && question.kind !== OTHER_WORDS);
  const sets = new Map();
  const add = (name, result) => sets.set(name, [...(sets.get(name) ?? []), result]);
  for (const result of own) add(result.question.schema, result);
  for (const result of own) add(`${own.length} questions`, result);
  for (const result of results) if (!own.includes(result)) add(result.question.kind, result);
  for (const result of results) add('all', result);
  return [...sets].map(([name, members]) => summary(name, members));
}

function summary(name, members) {
  return {
    name,
    count: members.length,
    recall: mean(members.map(({ found }) => found.recall)),
    complete: mean(members.map(({ found }) => Number(found.recall === 1))),
    tables: mean(members.map(({ tables }) => tables.recall)),
    plain: mean(members.map(({ plain }) => plain.recall)),
    vectors: members[0].vectors && mean(members.map(({ vectors }) => vectors.recall)),
    changed: members.filter(({ found, vectors = found }) => vectors.recall !== found.recall),
    worst: members.filter(({ found }) => found.recall < 1).sort((one, other) => one.found.recall - other.found.recall),
  };
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
