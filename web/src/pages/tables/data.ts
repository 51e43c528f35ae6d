/** Data of the page `tables`. */

import type { LoadContext } from '../../node/context.js';
import { nameOfTable, scannedTables } from '../../node/project-data.js';
import { cutText } from '../../site/cut-text.js';

/** A row of the list. */
export interface ListedTable {
  /** With the schema. */
  name: string;
  /** Without it. */
  shortName: string;
  kind: 'table' | 'view' | null;
  columnCount: number;
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
  return { groups: groupTables(await scannedTables(context, connectionId)) };
}

type Summary = Awaited<ReturnType<typeof scannedTables>>[number];

/** Groups tables by their schemas. */
export function groupTables(tables: Summary[]): TableGroup[] {
  const groups = new Map<string | null, ListedTable[]>();
  for (const table of tables) {
    const group = groups.get(table.schema) ?? [];
    groups.set(table.schema, group);
    group.push(listedTable(table));
  }
  return [...groups]
    .map(([schema, members]) => ({ schema, tables: members.sort((one, other) => compare(one.name, other.name)) }))
    .sort((one, other) => compare(one.schema ?? '', other.schema ?? ''));
}

function listedTable(table: Summary): ListedTable {
  const { name, kind, columnCount, comment } = table;
  return { name: nameOfTable(table), shortName: name, kind, columnCount, comment: comment && shorten(comment) };
}

function shorten(comment: string): string {
  const line = comment.replace(/\s+/g, ' ').trim();
  const start = cutText(line, COMMENT_LENGTH);
  return start === line ? line : `${start}…`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
