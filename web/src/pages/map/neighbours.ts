/** What is drawn around a table: its joined columns, and the tables that it is joined with. */

import type { NeighbourJoin } from '../../layout/neighbour-lines.js';
import type { MapData, MapJoin } from './data.js';

/** A table with its joins. */
export interface Neighbours {
  /** Lists of columns of the table, each joined by one or several joins. */
  rows: string[];
  /** Indices of the other tables, sorted by name. */
  tables: number[];
  /** Joins of the table, in the order of `ends`. */
  joins: MapJoin[];
  ends: NeighbourJoin[];
}

/** Finds the neighbours of a table. */
export function neighboursOf({ tables, joins }: MapData, table: number): Neighbours {
  const own = joins.filter(({ from, to }) => from === table || to === table);
  const others = new Set(own.flatMap(({ from, to }) => [from, to]).filter((each) => each !== table));
  const sorted = [...others].sort((left, right) => ((tables[left]?.name ?? '') < (tables[right]?.name ?? '') ? -1 : 1));
  const rows = rowsOf(own, table);
  const places = new Map(sorted.map((each, index) => [each, index]));
  const rowNumbers = new Map(rows.map((row, index) => [row, index]));
  const numberOf = (columns: string[]) => rowNumbers.get(labelOfColumns(columns)) ?? 0;
  const ends = own.map(({ from, fromColumns, to, toColumns }): NeighbourJoin => {
    const outgoing = from === table;
    const row = numberOf(outgoing ? fromColumns : toColumns);
    if (from === to) return { row, toRow: numberOf(toColumns), neighbour: undefined, outgoing };
    return { row, neighbour: places.get(outgoing ? to : from), outgoing };
  });
  return { rows, tables: sorted, joins: own, ends };
}

/** Columns that others refer to are first, then those that refer to others. */
function rowsOf(own: readonly MapJoin[], table: number): string[] {
  const keys = own.filter(({ to }) => to === table).map(({ toColumns }) => labelOfColumns(toColumns));
  const references = own.filter(({ from }) => from === table).map(({ fromColumns }) => labelOfColumns(fromColumns));
  return [...new Set([...new Set(keys)].sort().concat([...new Set(references)].sort()))];
}

/** Columns of a key as one text. */
export function labelOfColumns(columns: readonly string[]): string {
  return columns.join(', ');
}
