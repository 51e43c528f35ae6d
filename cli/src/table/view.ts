/** Text output of `ktx table`. */

import type { KtxTable, KtxTableColumn, KtxTableForeignKey, KtxTableIndex, KtxTableSummary } from '@kaelio/ktx';
import type { TableView } from '../output/print.js';
import { renderProperties, renderTable } from '../output/table.js';
import type { Style } from '../terminal/style.js';

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

/** The columns of a table, and the fields of nested ones by their path. */
export function columnsTable({ columns, primaryKeyEnforced }: KtxTable): TableView {
  const primary = primaryKeyEnforced === false ? 'primary, not enforced' : 'primary';
  const titles = ['COLUMN', 'TYPE', 'NULL', 'KEY', 'COMMENT'].map((title) => ({ title }));
  const rows = columns.flatMap(({ name, type, nullable, primaryKey, comment, fields = [], ...details }) => [
    [name, type, nullable ? 'null' : 'not null', primaryKey ? primary : null, describeColumn(comment, details)],
    ...fields.map((field) => [[name, ...field.path].join('.'), field.type, null, null, field.comment ?? null]),
  ]);
  return { columns: titles, rows };
}

/** The comment of a column, its values, how it is generated, and its labels and policies. */
function describeColumn(comment: string | null, details: Partial<KtxTableColumn>): string | null {
  const { enumValues, generated, labels = {}, maskingPolicy } = details;
  const notes = [
    comment,
    enumValues === undefined ? null : `one of ${enumValues.join(', ')}`,
    generated === undefined ? null : generated === 'identity' ? 'identity' : `generated: ${generated}`,
    ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
    maskingPolicy === undefined ? null : `masked by ${maskingPolicy}`,
  ];
  return notes.filter((note) => note !== null).join('; ') || null;
}

/** Renders a table: its properties, columns, and foreign keys in both directions. */
export async function renderDescription(table: KtxTable, style: Style): Promise<string> {
  const { schema, name, kind, comment, estimatedRows, connectionId, syncId, foreignKeys, referencedBy } = table;
  const { bytes, engine, partitionKey, sortingKey, modifiedAt, labels = {}, uniqueKeys = [] } = table;
  const properties: [string, string | undefined][] = [
    ['Table', qualified(schema, name)],
    ['Kind', kind ?? undefined],
    ['Comment', comment ?? undefined],
    ['Rows', estimatedRows === null ? undefined : `about ${estimatedRows}`],
    ['Bytes', bytes === undefined ? undefined : String(bytes)],
    ['Engine', engine],
    ['Partitioned by', table.partitionFilterRequired ? `${partitionKey}; a filter by it is required` : partitionKey],
    ['Sorted by', sortingKey],
    [table.uniqueKeysEnforced === false ? 'Unique, not enforced' : 'Unique', joined(uniqueKeys.map(describeKey))],
    ['Labels', joined(Object.entries(labels).map(([name, value]) => `${name}=${value}`))],
    ['Policies', table.rowSecurity ? 'may hide rows from this user' : undefined],
    ['Modified', modifiedAt],
    ['Scan', `${syncId} of ${connectionId}`],
  ];
  const { columns, rows } = columnsTable(table);
  const cells = rows.map((row) => row.map((cell) => String(cell ?? '')));
  return [
    `${await renderProperties(properties, style)}\n`,
    await renderTable(columns, cells, style),
    await renderIndexes(table.indexes ?? [], style),
    await renderKeys('References', foreignKeys, style),
    await renderKeys('Referenced by', referencedBy, style),
  ].join('');
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
