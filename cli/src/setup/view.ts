/** The demonstration as people read it. */

import { relative } from 'node:path';
import type { LookerTableIdentifierParseResult } from '@kaelio/ktx';
import { renderResult } from '../output/result-table.js';
import { renderFacts, renderTable } from '../output/table.js';
import { count } from '../output/text.js';
import type { CliIo } from '../terminal/io.js';
import { type Style, styleOf } from '../terminal/style.js';
import type { AnalysedQueries, AnalysedQuery, ResolvedLookerTable } from './analysis.js';
import { DEMO_CONNECTION, DEMO_WAREHOUSE } from './project.js';
import type { DemoAnswer } from './question.js';

/** Characters of a fingerprint that are enough to tell the demonstration's queries apart. */
const FINGERPRINT_SHOWN = 12;

const WHY_UNRESOLVED: Record<string, string> = {
  looker_template_unresolved: 'a template that Looker fills in',
  derived_table_not_supported: 'a derived table',
  no_physical_table: 'no table',
  multiple_table_references: 'more than one table',
  unsupported_dialect: 'an unknown dialect',
  parse_error: 'not readable',
};

/** What was set up. */
export function renderIntroduction(projectDir: string, style: Style): string {
  return [
    style.bold('A sample shop, as a data agent would meet it'),
    `The project is in ${projectDir}`,
    `Its connection ${DEMO_CONNECTION} is the SQLite file ${DEMO_WAREHOUSE}: customers, orders, products, stores`,
    '',
  ].join('\n');
}

/** Both analyses. */
export async function renderAnalysis(
  { lookerTables, queries }: { lookerTables: ResolvedLookerTable[]; queries: AnalysedQueries },
  style: Style,
): Promise<string> {
  return [
    style.bold('Which physical tables do these Looker views read?'),
    await renderLookerTables(lookerTables, style),
    style.bold('Which queries are the same but for their values?'),
    await renderQueries(queries, style),
  ].join('\n');
}

/** The question, what was done to answer it, and the rows. */
export async function renderAnswer({ generation, answer }: DemoAnswer, io: CliIo): Promise<string> {
  const style = styleOf(io);
  const sources = count(generation.sources.length, 'table');
  return [
    style.bold('What did each customer segment buy and keep, and in how many orders?'),
    `KTX made semantic sources of ${sources}: what a row is, how tables are joined, what can be added up.`,
    'From the question it planned the SQL, and ran it read-only. An order has several items: a plain join of orders',
    'and items would count most orders more than once, so both are added up on their own before they meet.',
    answer.result === undefined ? '' : `\n${await renderResult(answer.result, io)}`,
  ].join('\n');
}

/** What to try now. */
export async function renderNextSteps(projectDir: string, workingDir: string, style: Style): Promise<string> {
  const dir = relative(workingDir, projectDir) || '.';
  const steps: [string, string | undefined][] = [
    [`cd ${/\s/.test(dir) ? `"${dir}"` : dir}`, dir === '.' ? undefined : 'go to the project'],
    [`ktx scan ${DEMO_CONNECTION}`, 'scan again: nothing has changed; alter a table before, and see what has'],
    ['ktx sl list', 'the semantic sources; edit them below semantic-layer, your edits stay'],
    ['ktx sl query --measure orders.count --dimension stores.city --execute', 'ask something else'],
    ['ktx connection list', 'the connections; add your own to ktx.yaml'],
    ['ktx runtime status', 'the Python runtime and the daemon that did this'],
  ];
  return `${style.bold('What to try next')}\n${(await renderFacts(steps, style)).replace(/^(?=.)/gm, '  ')}`;
}

function renderLookerTables(tables: ResolvedLookerTable[], style: Style): Promise<string> {
  const columns = [{ title: 'VIEW' }, { title: 'SQL_TABLE_NAME' }, { title: 'DIALECT' }, { title: 'READS' }];
  const rows = tables.map(({ key, sql_table_name, dialect, result }) => [
    key,
    sql_table_name,
    dialect,
    readsOf(result, style),
  ]);
  return renderTable(columns, rows, style);
}

function readsOf({ ok, canonical_table: table = '', reason = '' }: LookerTableIdentifierParseResult, style: Style) {
  return ok ? style.good(table) : style.change(`not known: ${WHY_UNRESOLVED[reason] ?? reason}`);
}

async function renderQueries(queries: AnalysedQueries, style: Style): Promise<string> {
  const columns = [{ title: 'QUERY' }, { title: 'FINGERPRINT' }, { title: 'READS' }, { title: 'VALUES' }];
  const rows = queries.map(({ id, fingerprint, tablesTouched, literalSlots }) => [
    id,
    fingerprint.slice(0, FINGERPRINT_SHOWN),
    tablesTouched.join(', '),
    literalSlots.map(({ exampleValue }) => exampleValue).join(', '),
  ]);
  return `${await renderTable(columns, rows, style)}${renderTemplates(queries)}`;
}

function renderTemplates(queries: AnalysedQueries): string {
  const byFingerprint = new Map<string, AnalysedQuery[]>();
  for (const query of queries) {
    byFingerprint.set(query.fingerprint, [...(byFingerprint.get(query.fingerprint) ?? []), query]);
  }
  return [...byFingerprint.values()]
    .filter((same) => same.length > 1)
    .map((same) => `\nOne template: ${same.map(({ id }) => id).join(' and ')}\n  ${same[0]?.normalizedSql}\n`)
    .join('');
}
