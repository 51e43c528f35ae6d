/** Sixth step: a first question, which is suggested from the sources. */

import type {
  KtxDatabaseTable,
  KtxSemanticQuery,
  KtxSemanticQueryResult,
  KtxSemanticSource,
  KtxSemanticSourceSummary,
} from '@kaelio/ktx';
import { describeFailure } from '../../errors.js';
import { printWarnings } from '../../output/print.js';
import { quoteForShell } from '../../output/shell.js';
import { environmentOption } from '../../terminal/io.js';
import { createProgress } from '../../terminal/progress.js';
import { chooseOne } from '../../terminal/prompts.js';
import { asks, connectionOptions, printStep, type Session } from './session.js';

/** A question and its answer. */
export interface FirstAnswer {
  query: KtxSemanticQuery;
  answer: KtxSemanticQueryResult;
}

/** Number of questions to choose from. */
const MAX_SUGGESTIONS = 5;

/** Rows of the answer. */
const LIMIT = 10;

/** Parts of the names of columns that usually have few values. */
const CATEGORIES = /status|state|type|kind|categor|segment|country|region|channel|gender|plan|currency|city|language/i;

/** The choice to ask nothing; a query is JSON, so that none has this value. */
const NONE = '';

/** Suggests questions, and runs the chosen one; without questions of the user, the first. */
export async function askFirstQuestion(
  session: Session,
  connectionId: string,
  tables: KtxDatabaseTable[],
): Promise<FirstAnswer | undefined> {
  const query = await chooseQuery(session, await suggestQueries(session, connectionId, tables));
  if (query === undefined) return undefined;
  createProgress(session.io)(`Asking: ${labelOf(query)}`);
  try {
    const options = { ...connectionOptions(session, connectionId), query, execute: true };
    const answer = await session.calls.runKtxSemanticQuery(options);
    printStep(session, 'Answered', labelOf(query));
    return { query, answer };
  } catch (error) {
    session.io.signal?.throwIfAborted();
    // The project is complete without an answer, for example if the user may not read this table.
    printWarnings(session.io, [`The question ${labelOf(query)} was not answered: ${describeFailure(error).message}`]);
    return undefined;
  }
}

async function chooseQuery(session: Session, queries: KtxSemanticQuery[]): Promise<KtxSemanticQuery | undefined> {
  if (!asks(session) || queries.length === 0) return queries[0];
  const choices = queries.map((query) => ({ value: JSON.stringify(query), label: labelOf(query) }));
  const chosen = await chooseOne(session.io, 'What would you like to know first?', [
    ...choices,
    { value: NONE, label: 'Nothing for now' },
  ]);
  return chosen === undefined || chosen === NONE ? undefined : (JSON.parse(chosen) as KtxSemanticQuery);
}

async function suggestQueries(
  session: Session,
  connectionId: string,
  tables: KtxDatabaseTable[],
): Promise<KtxSemanticQuery[]> {
  const { projectDir, io, calls } = session;
  const place = { projectDir, connectionId, ...environmentOption(io) };
  const sources = (await calls.listKtxSemanticSources(place)).filter(
    ({ error, measures }) => error === null && measures.length > 0,
  );
  const ranked = sources.sort((left, right) => rank(right, tables) - rank(left, tables)).slice(0, MAX_SUGGESTIONS);
  const files = await Promise.all(ranked.map(({ name }) => calls.readKtxSemanticSource({ ...place, name })));
  return files.map(({ source }) => suggestQuery(source));
}

/** Facts first: they join others and have many rows. */
function rank({ joins, table }: KtxSemanticSourceSummary, tables: KtxDatabaseTable[]): number {
  const found = tables.find(({ schema, name }) => table === name || table === `${schema}.${name}`);
  return joins.length * 4 + Math.log10(1 + Math.max(0, found?.estimatedRows ?? 0));
}

function suggestQuery({ name, measures = [], columns = [] }: KtxSemanticSource): KtxSemanticQuery {
  const measure = measures.find((each) => each.name === 'count') ?? measures[0];
  const asked = `${name}.${measure?.name}`;
  const visible = columns.filter(({ visibility }) => visibility === undefined || visibility === 'public');
  const category = visible.find((column) => column.type === 'string' && CATEGORIES.test(column.name));
  if (category !== undefined) {
    return { measures: [asked], dimensions: [`${name}.${category.name}`], order_by: [`${asked}:desc`], limit: LIMIT };
  }
  const time = visible.find(({ type }) => type === 'time');
  if (time === undefined) return { measures: [asked] };
  const field = `${name}.${time.name}`;
  return { measures: [asked], dimensions: [{ field, granularity: 'year' }], order_by: [`${field}:desc`], limit: LIMIT };
}

/** `orders.count by orders.status`, for people. */
export function labelOf({ measures = [], dimensions = [] }: KtxSemanticQuery): string {
  const by = dimensions.map((each) => (typeof each === 'string' ? each : `${each.field} (${each.granularity})`));
  return [measures.join(', '), ...(by.length === 0 ? [] : [`by ${by.join(', ')}`])].join(' ');
}

/** The command that asks the same; with the connection, if it is not the only one. */
export function commandOf(query: KtxSemanticQuery, connectionId: string | undefined): string {
  const { measures = [], dimensions = [], order_by: orderBy = [], limit } = query;
  const fields = dimensions.map((each) => (typeof each === 'string' ? each : `${each.field}:${each.granularity}`));
  const flags = [
    ...measures.map((each) => `--measure ${quoteForShell(String(each))}`),
    ...fields.map((each) => `--dimension ${quoteForShell(each)}`),
    ...orderBy.map((each) => `--order-by ${quoteForShell(String(each))}`),
    ...(connectionId === undefined ? [] : [`--connection-id ${quoteForShell(connectionId)}`]),
    ...(limit === undefined ? [] : [`--limit ${limit}`]),
  ];
  return `ktx sl query ${flags.join(' ')} --execute`;
}
