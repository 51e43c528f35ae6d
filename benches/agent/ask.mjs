// Answers a question in three calls: search → sl_source_get → sl_query. All names come from the answers of the server.
import { best, overlap, placeOf } from './reader.mjs';

const KINDS = ['table', 'column', 'source', 'measure', 'dimension', 'value'];

/** Returns the tables that the search found, best first, and the number or the error. */
export async function ask(session, question) {
  const { hits = [] } = await session.call('search', { query: question.search });
  const tables = hits.map((hit) => hit.table ?? hit.name);
  const places = hits.filter(({ kind }) => KINDS.includes(kind));
  return compute(session, question, places).then(
    (number) => ({ tables, number }),
    ({ message }) => ({ tables, error: message }),
  );
}

async function compute(session, question, hits) {
  const filter = question.value && findValue(hits, question.value);
  const { name, connectionId } = findSource(hits, question.of, filter);
  const source = await session.call('sl_source_get', { connectionId, name });
  const measure = `${name}.${findMeasure(source['source.measures'], question)}`;
  const filters = filter ? [filter.condition] : period(name, source['source.columns'], question);
  const { rows } = await session.call('sl_query', { connectionId, query: { measures: [measure], filters } });
  return Number(Object.values(rows[0]).at(-1));
}

/** The first hit that shows the value in a column, as a condition. */
function findValue(hits, value) {
  for (const hit of hits) {
    if (!hit.why.includes(`'${value}'`)) continue;
    const { source, field = hit.why.match(/`([^`]+)`: value/)?.[1] } = placeOf(hit);
    if (field) return { source, condition: `${source}.${field} = '${value.replaceAll("'", "''")}'` };
  }
  throw new Error(`The search does not show the value ${value}`);
}

/** The source of the hit whose name says most of what is measured; of equal ones, not the place of the value. */
function findSource(hits, words, filter) {
  if (hits.length === 0) throw new Error('The search found nothing');
  const hit = best(hits, (one) => overlap(words, one.name) - (placeOf(one).source === filter?.source ? 0.5 : 0));
  return { name: placeOf(hit).source, connectionId: hit.connectionId };
}

/** The measure with the aggregate whose name says most of what is measured. */
function findMeasure(measures, { aggregate, of }) {
  const named = measures.filter(({ name }) => name === aggregate || name.startsWith(`${aggregate}_`));
  if (named.length === 0) throw new Error(`The source has no measure of the aggregate ${aggregate}`);
  return best(named, ({ name }) => overlap(of, name)).name;
}

/** Conditions on the column of times that is nearest to what is measured. */
function period(source, columns, { of, from, until }) {
  if (from === undefined) return [];
  const times = columns.filter(({ type }) => type === 'time');
  if (times.length === 0) throw new Error(`${source} has no column of times`);
  const column = `${source}.${best(times, ({ name }) => overlap(of, name)).name}`;
  return [`${column} >= '${from}'`, `${column} < '${until}'`];
}
