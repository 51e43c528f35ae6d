/** Text output of `ktx setup demo`. */

import { relative } from 'node:path';
import type { LookerTableIdentifierParseResult } from '@kaelio/ktx';
import { renderResult } from '../output/result-table.js';
import { quoteForShell } from '../output/shell.js';
import { renderProperties, renderTable } from '../output/table.js';
import { pluralize } from '../output/text.js';
import type { CliIo } from '../terminal/io.js';
import { type Style, styleOf } from '../terminal/style.js';
import type { AnalysedQueries, AnalysedQuery, ResolvedLookerTable } from './analysis.js';
import { DEMO_CONNECTION, DEMO_WAREHOUSE } from './project.js';
import type { DemoAnswer } from './question.js';

/** Characters shown of a fingerprint; enough to distinguish the queries of the demo. */
const FINGERPRINT_LENGTH = 12;

const UNRESOLVED_REASONS: Record<string, string> = {
  looker_template_unresolved: 'a template that Looker fills in',
  derived_table_not_supported: 'a derived table',
  no_physical_table: 'no table',
  multiple_table_references: 'more than one table',
  unsupported_dialect: 'an unknown dialect',
  parse_error: 'a syntax error',
};

/** Renders the location and content of the project. */
export function renderIntroduction(projectDir: string, style: Style): string {
  return [
    style.bold('A sample shop for data agents'),
    `The project is in ${projectDir}`,
    `Its connection ${DEMO_CONNECTION} is the SQLite file ${DEMO_WAREHOUSE}: customers, orders, products, stores`,
    '',
  ].join('\n');
}

/** Renders both analyses. */
export async function renderAnalysis(
  { lookerTables, queries }: { lookerTables: ResolvedLookerTable[]; queries: AnalysedQueries },
  style: Style,
): Promise<string> {
  return [
    style.bold('Which physical tables do these Looker views read?'),
    await renderLookerTables(lookerTables, style),
    style.bold('Which queries differ only in their literals?'),
    await renderQueries(queries, style),
  ].join('\n');
}

/** Renders the question, how it was answered, and the rows. */
export async function renderAnswer({ generation, answer }: DemoAnswer, io: CliIo): Promise<string> {
  const style = styleOf(io);
  const sources = pluralize(generation.sources.length, 'table');
  return [
    style.bold('What did each customer segment buy and keep, and in how many orders?'),
    `KTX generated semantic sources from ${sources}: their grain, joins and measures.`,
    'It compiled the question to SQL and ran it read-only. An order has several items: a plain join of orders and',
    'items would count most orders more than once, so both are aggregated separately before they are joined.',
    answer.result === undefined ? '' : `\n${await renderResult(answer.result, io)}`,
  ].join('\n');
}

/** Renders the next steps. */
export async function renderNextSteps(projectDir: string, workingDir: string, style: Style): Promise<string> {
  const dir = relative(workingDir, projectDir) || '.';
  const steps: [string, string | undefined][] = [
    [`cd ${quoteForShell(dir)}`, dir === '.' ? undefined : 'change to the project'],
    [`ktx scan ${DEMO_CONNECTION}`, 'scan again; alter a table first to see a change'],
    ['ktx sl list', 'list the semantic sources; edits below semantic-layer are preserved'],
    ['ktx sl query --measure orders.count --dimension stores.city --execute', 'run another query'],
    ['ktx connection list', 'list the connections; add your own to ktx.yaml'],
    ['ktx runtime status', 'show the Python runtime and its daemon'],
  ];
  return `${style.bold('What to try next')}\n${(await renderProperties(steps, style)).replace(/^(?=.)/gm, '  ')}`;
}

function renderLookerTables(tables: ResolvedLookerTable[], style: Style): Promise<string> {
  const columns = [{ title: 'VIEW' }, { title: 'SQL_TABLE_NAME' }, { title: 'DIALECT' }, { title: 'READS' }];
  const rows = tables.map(({ key, sql_table_name, dialect, result }) => [
    key,
    sql_table_name,
    dialect,
    formatTable(result, style),
  ]);
  return renderTable(columns, rows, style);
}

function formatTable({ ok, canonical_table: table = '', reason = '' }: LookerTableIdentifierParseResult, style: Style) {
  return ok ? style.green(table) : style.yellow(`unresolved: ${UNRESOLVED_REASONS[reason] ?? reason}`);
}

async function renderQueries(queries: AnalysedQueries, style: Style): Promise<string> {
  const columns = [{ title: 'QUERY' }, { title: 'FINGERPRINT' }, { title: 'READS' }, { title: 'VALUES' }];
  const rows = queries.map(({ id, fingerprint, tablesTouched, literalSlots }) => [
    id,
    fingerprint.slice(0, FINGERPRINT_LENGTH),
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
    .filter((group) => group.length > 1)
    .map((group) => `\nOne template: ${group.map(({ id }) => id).join(' and ')}\n  ${group[0]?.normalizedSql}\n`)
    .join('');
}
