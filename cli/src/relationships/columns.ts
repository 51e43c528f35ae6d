/** Columns of a table as an argument. */

import type { KtxTableColumns } from '@kaelio/ktx';
import { CliError } from '../errors.js';

/** `table(a, b)`; the table may have its schema. */
const SEVERAL = /^(?<table>.+?)\s*\((?<columns>[^()]+)\)$/;

/** `table.column`; the column is what follows the last dot. */
const ONE = /^(?<table>.+)\.(?<column>[^.]+)$/;

/** Parses `table.column` or `table(column, column)`. */
export function parseColumns(text: string): KtxTableColumns {
  const several = SEVERAL.exec(text)?.groups;
  if (several?.table !== undefined && several.columns !== undefined) {
    return { table: several.table, columns: several.columns.split(',').map((column) => column.trim()) };
  }
  const one = ONE.exec(text)?.groups;
  if (one?.table !== undefined && one.column !== undefined) return { table: one.table, columns: [one.column] };
  throw new CliError(
    'KTX_ARGUMENT_INVALID',
    `${text} does not name columns of a table`,
    'Write orders.customer_id, or "orders(country, number)" for several columns',
  );
}

/** The same as text: `table.column`, or `table(column, column)`. */
export function formatColumns({ table, columns }: KtxTableColumns): string {
  const [only = ''] = columns;
  return columns.length === 1 && !only.includes('.') ? `${table}.${only}` : `${table}(${columns.join(', ')})`;
}
