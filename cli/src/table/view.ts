/** Text output of `ktx table`. */

import type {
  KtxColumnProfile,
  KtxTable,
  KtxTableColumn,
  KtxTableForeignKey,
  KtxTableIndex,
  KtxTableSummary,
} from '@kaelio/ktx';
import type { TableView } from '../output/print.js';
import { quoteForShell } from '../output/shell.js';
import { type Column, fitsWidth, renderProperties, renderTable } from '../output/table.js';
import { toShortLine } from '../output/text.js';
import type { CliIo } from '../terminal/io.js';
import { type Style, styleOf } from '../terminal/style.js';
import { kindText, renderChecks, renderDefinition } from './facts-view.js';
import { distinctText, nullsText, rangeText, recognisedText, VALUE_COLUMNS, valueRows } from './profile-view.js';

/** The tables of a scan. */
export function tablesTable(tables: KtxTableSummary[]): TableView {
  const columns = [{ title: 'TABLE' }, { title: 'KIND' }, { title: 'COLUMNS', align: 'right' as const }];
  const rows = tables.map(({ schema, name, kind, columnCount, comment }) => [
    qualified(schema, name),
    kind,
    columnCount,
    comment,
  ]);
  return { columns: [...columns, { title: 'COMMENT' }], rows, empty: 'The newest scan has no tables\n' };
}

/** The columns of a table, and the fields of nested ones by their path. With a profile, each column has its facts. */
export function columnsTable({ columns, primaryKeyEnforced, profile }: KtxTable): TableView {
  const primary = primaryKeyEnforced === false ? 'primary, not enforced' : 'primary';
  const facts = (found: KtxColumnProfile | undefined) => {
    if (profile === undefined) return [];
    if (found === undefined) return [null, null, null];
    const isSampled = profile.sampledRows !== undefined;
    return [nullsText(found, isSampled), distinctText(found), rangeText(found, isSampled)];
  };
  const rows = columns.flatMap((column) => [
    [
      column.name,
      column.type,
      column.nullable ? 'null' : 'not null',
      column.primaryKey ? primary : null,
      ...facts(column.profile),
      describeColumn(column),
    ],
    ...(column.fields ?? []).map((field) => [
      [column.name, ...field.path].join('.'),
      field.type,
      null,
      null,
      ...facts(undefined),
      field.comment ?? null,
    ]),
  ]);
  return { columns: [...COLUMN_TITLES, ...(profile === undefined ? [] : FACT_TITLES), { title: 'COMMENT' }], rows };
}

const COLUMN_TITLES: Column[] = ['COLUMN', 'TYPE', 'NULL', 'KEY'].map((title) => ({ title }));

const FACT_TITLES: Column[] = [
  { title: 'NULLS', align: 'right' },
  { title: 'DISTINCT', align: 'right' },
  { title: 'RANGE' },
];

/** The comment of a column, its values, how it is generated, its default, recognised formats, labels and policies. */
function describeColumn(column: KtxTableColumn): string | null {
  const { comment, enumValues, generated, default: value, labels = {}, maskingPolicy, profile, readable } = column;
  const notes = [
    comment,
    (profile && recognisedText(profile)) || null,
    enumValues === undefined ? null : `one of ${enumValues.join(', ')}`,
    generated === undefined ? null : generated === 'identity' ? 'identity' : `generated: ${generated}`,
    value === undefined ? null : `default ${value}`,
    ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    maskingPolicy === undefined ? null : `masked by ${maskingPolicy}`,
    readable === false ? 'this user may not read it' : null,
  ];
  return notes.filter((note) => note !== null).join('; ') || null;
}

/**
 * Renders a table: its properties, columns, frequent values, and foreign keys in both directions. On a terminal that is
 * too narrow for the columns, each is a block.
 */
export async function renderDescription(table: KtxTable, io: CliIo): Promise<string> {
  const style = styleOf(io);
  const { schema, name, comment, connectionId, syncId, foreignKeys, referencedBy } = table;
  const { bytes, engine, partitionKey, sortingKey, modifiedAt, labels = {}, uniqueKeys = [] } = table;
  const properties: [string, string | undefined][] = [
    ['Table', qualified(schema, name)],
    ['Kind', kindText(table)],
    ['Comment', comment ?? undefined],
    ['Rows', rowsText(table)],
    ['Bytes', bytes === undefined ? undefined : String(bytes)],
    ['Engine', engine],
    ['Partitioned by', table.partitionFilterRequired ? `${partitionKey}; a filter by it is required` : partitionKey],
    ['Sorted by', sortingKey],
    [table.uniqueKeysEnforced === false ? 'Unique, not enforced' : 'Unique', joined(uniqueKeys.map(describeKey))],
    ['Labels', joined(Object.entries(labels).map(([name, value]) => `${name}=${value}`))],
    ['Rights', table.readable === false ? 'this user may not read it' : undefined],
    ['Policies', table.rowSecurity ? 'may hide rows from this user' : undefined],
    ['Modified', modifiedAt],
    ['Scan', `${syncId} of ${connectionId}`],
    ['Profile', profileText(table)],
  ];
  const values = valueRows(table);
  return [
    `${await renderProperties(properties, style)}\n`,
    await renderColumns(table, io),
    values.length === 0 ? '' : `\n${style.bold('Frequent values')}\n${await renderTable(VALUE_COLUMNS, values, style)}`,
    await renderIndexes(table.indexes ?? [], style),
    await renderChecks(table, style),
    await renderKeys('References', foreignKeys, style),
    await renderKeys('Referenced by', referencedBy, style),
    renderDefinition(table, style),
    noProfileNote(table, style),
  ].join('');
}

async function renderColumns(table: KtxTable, io: CliIo): Promise<string> {
  const style = styleOf(io);
  const { columns, rows } = columnsTable(table);
  const cells = rows.map((row) => row.map((cell) => String(cell ?? '')));
  const text = await renderTable(columns, cells, style);
  if (table.profile === undefined || !io.stdout.columns || (await fitsWidth(text, io.stdout.columns))) return text;
  const blocks = cells.map(async ([name = '', ...facts]) => {
    const properties = facts.map((fact, index): [string, string | undefined] => [
      columns[index + 1]?.title.toLowerCase() ?? '',
      fact || undefined,
    ]);
    return `${style.bold(toShortLine(name))}\n${await renderProperties(properties, style)}`;
  });
  return (await Promise.all(blocks)).join('\n');
}

/** The number of rows that was counted last, or the estimate of the database. */
function rowsText({ profile, estimatedRows }: KtxTable): string | undefined {
  const rows = profile?.rows ?? estimatedRows;
  if (rows === null) return undefined;
  const count = profile?.rows != null && profile.rowsExact ? String(rows) : `about ${rows}`;
  return profile?.sampledRows === undefined ? count : `${count}; profiled on a sample of ${profile.sampledRows}`;
}

/** The scan that made the profile, if it is an earlier one. */
function profileText({ profile, syncId }: KtxTable): string | undefined {
  return profile === undefined || profile.syncId === syncId ? undefined : `of the earlier scan ${profile.syncId}`;
}

/** How to make a profile, if there is none. */
function noProfileNote({ profile, connectionId }: KtxTable, style: Style): string {
  if (profile !== undefined) return '';
  return `\n${style.dim(`No profile yet: make one with ktx scan ${quoteForShell(connectionId)} --profile`)}\n`;
}

function describeKey(columns: string[]): string {
  return `(${columns.join(', ')})`;
}

function joined(texts: string[]): string | undefined {
  return texts.length === 0 ? undefined : texts.join(', ');
}

async function renderIndexes(indexes: KtxTableIndex[], style: Style): Promise<string> {
  if (indexes.length === 0) return '';
  const rows = indexes.map(({ name, columns, unique }) => [name, columns.join(', '), unique ? 'unique' : '']);
  const columns = [{ title: 'INDEX' }, { title: 'COLUMNS' }, { title: '' }];
  return `\n${style.bold('Indexes')}\n${await renderTable(columns, rows, style)}`;
}

async function renderKeys(title: string, keys: KtxTableForeignKey[], style: Style): Promise<string> {
  if (keys.length === 0) return '';
  const rows = keys.map(({ fromTable, fromColumns, toTable, toColumns, constraintName, enforced }) => [
    `${fromTable} (${fromColumns.join(', ')})`,
    `${toTable} (${toColumns.join(', ')})`,
    enforced === false ? `${constraintName ?? ''} (not enforced)`.trim() : (constraintName ?? ''),
  ]);
  const columns = [{ title: 'FROM' }, { title: 'TO' }, { title: 'CONSTRAINT' }];
  return `\n${style.bold(title)}\n${await renderTable(columns, rows, style)}`;
}

function qualified(schema: string | null, name: string): string {
  return schema === null ? name : `${schema}.${name}`;
}
