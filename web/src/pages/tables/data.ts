/** Data of the page `tables`. */

import type { KtxTable } from '@kaelio/ktx';
import { cutText } from '../../../../cli/src/output/cut-text.js';
import type { LoadContext } from '../../node/context.js';
import { describedTables, nameOfTable, scannedTables } from '../../node/project-data.js';

/** A row of the list. */
export interface ListedTable {
  /** With the schema. */
  name: string;
  /** Without it. */
  shortName: string;
  kind: 'table' | 'view' | null;
  columnCount: number;
  /** Number of rows by the profile or a statistic of the database; `null` if it is not known. */
  rows: number | null;
  /** Whether the rows were counted. */
  rowsExact: boolean;
  /** Its beginning, on one line. */
  comment: string | null;
}

/** The tables of one schema, sorted by name. */
export interface TableGroup {
  /** `null` if the database has no schemas. */
  schema: string | null;
  tables: ListedTable[];
}

/** Data of the page. */
export interface TablesData {
  /** Sorted by schema; none before the first scan. */
  groups: TableGroup[];
}

/** Longest part of a comment in the list, in characters. */
const COMMENT_LENGTH = 160;

/** Loads the data. */
export async function loadTables(
  context: LoadContext,
  { connectionId }: { connectionId: string },
): Promise<TablesData> {
  const [tables, described] = await Promise.all([
    scannedTables(context, connectionId),
    describedTables(context, connectionId),
  ]);
  const counts = new Map(described.map((table) => [nameOfTable(table), countRows(table)]));
  return { groups: groupTables(tables, counts) };
}

type RowCount = Pick<ListedTable, 'rows' | 'rowsExact'>;

/** What is known of the number of rows: the profile has counted them, or both are estimates. */
export function countRows({ profile, estimatedRows }: Pick<KtxTable, 'profile' | 'estimatedRows'>): RowCount {
  const counted = profile?.rows ?? null;
  return { rows: counted ?? estimatedRows, rowsExact: counted !== null && profile?.rowsExact === true };
}

type Summary = Awaited<ReturnType<typeof scannedTables>>[number];

/** Groups tables by their schemas. */
export function groupTables(tables: Summary[], counts: ReadonlyMap<string, RowCount>): TableGroup[] {
  const groups = new Map<string | null, ListedTable[]>();
  for (const table of tables) {
    const group = groups.get(table.schema) ?? [];
    groups.set(table.schema, group);
    group.push(listedTable(table, counts));
  }
  return [...groups]
    .map(([schema, members]) => ({ schema, tables: members.sort((one, other) => compare(one.name, other.name)) }))
    .sort((one, other) => compare(one.schema ?? '', other.schema ?? ''));
}

function listedTable(table: Summary, counts: ReadonlyMap<string, RowCount>): ListedTable {
  const { name: shortName, kind, columnCount, comment } = table;
  const name = nameOfTable(table);
  const { rows, rowsExact } = counts.get(name) ?? { rows: null, rowsExact: false };
  return { name, shortName, kind, columnCount, rows, rowsExact, comment: comment && shorten(comment) };
}

function shorten(comment: string): string {
  const line = comment.replace(/\s+/g, ' ').trim();
  const start = cutText(line, COMMENT_LENGTH);
  return start === line ? line : `${start}…`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
