/** Output of query results: by default as a table if it fits the terminal, else one block per row. */

import type { KtxSqlResult } from '@kaelio/ktx';
import { pluralize } from '../output/text.js';
import type { CliIo } from '../terminal/io.js';
import { type Style, styleOf } from '../terminal/style.js';
import { type OutputOptions, renderRows } from './formats.js';
import { printResult } from './print.js';
import { type Column, fitsWidth, renderProperties, renderTable } from './table.js';

/** Significant digits shown: a double represents 15 decimal digits exactly, further ones are rounding errors. */
const MAX_SIGNIFICANT_DIGITS = 15;

/** Maximum decimals that a column is padded to; above it each number keeps its own. */
const MAX_DECIMALS = 6;

/** Prints the rows, or all of the result as JSON; a limit that cut them is in the footer, or on `stderr`. */
export async function printSqlResult(io: CliIo, { json, format }: OutputOptions, result: KtxSqlResult): Promise<void> {
  if (json || format === undefined) return printResult(io, json, result, () => renderResult(result, io));
  const columns = result.columns.map(({ name }, at): Column => {
    return { title: name, align: alignment(result.rows.map((row) => row[at])) };
  });
  io.stdout.write(await renderRows(format, { columns, rows: result.rows }, io));
  if (result.truncated) io.stderr.write(`${pluralize(result.rowCount, 'row')}${truncationNote(result)}\n`);
}

/** Renders the rows, and a footer with their count. */
export async function renderResult(result: KtxSqlResult, io: CliIo): Promise<string> {
  const style = styleOf(io);
  const footer = style.dim(`(${pluralize(result.rowCount, 'row')}${truncationNote(result)})`);
  return `${await renderAsText(result, io.stdout.columns, style)}${footer}\n`;
}

/** Why rows are missing, and how to get them. */
function truncationNote({ rowCount, truncated, truncatedBy }: KtxSqlResult): string {
  if (!truncated) return '';
  if (truncatedBy === 'limit') return ', the limit; --limit N for more';
  if (truncatedBy !== 'bytes') return ' shown, more available: raise --max-rows';
  if (rowCount === 0) return ': the first row is too large to show; select fewer columns';
  return ' shown, more exceed the size of a result: select fewer rows or columns';
}

async function renderAsText({ columns, rows }: KtxSqlResult, terminalWidth: number | undefined, style: Style) {
  const values = columns.map((_, index) => rows.map((row) => row[index]));
  const texts = values.map((column) => formatColumn(column, style));
  const cells = rows.map((_, row) => texts.map((column) => column[row] ?? ''));
  const titles = columns.map(({ name }, index): Column => ({ title: name, align: alignment(values[index] ?? []) }));
  const table = await renderTable(titles, cells, style);
  if (!terminalWidth || (await fitsWidth(table, terminalWidth))) return table;
  const blocks = cells.map(async (row, index) => {
    const properties = columns.map(({ name }, column): [string, string] => [name, row[column] ?? '']);
    return `${style.bold(`Row ${index + 1}`)}\n${await renderProperties(properties, style)}`;
  });
  return `${(await Promise.all(blocks)).join('\n')}\n`;
}

function alignment(column: unknown[]): 'left' | 'right' {
  const values = column.filter((value) => value !== null);
  // The daemon sends numbers with more digits than a double can hold as strings.
  const isNumber = (value: unknown) =>
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && value.length > 15);
  return values.length > 0 && values.every(isNumber) ? 'right' : 'left';
}

/** Cells of a column; its numbers have the same number of decimals, so that decimal points align. */
function formatColumn(column: unknown[], style: Style): string[] {
  const decimals = column.reduce<number>(
    (max, value) => (typeof value === 'number' ? Math.max(max, decimalsOf(value)) : max),
    0,
  );
  return column.map((value) => {
    if (value === null || value === undefined) return style.dim('null');
    if (typeof value === 'number') return decimals > MAX_DECIMALS ? formatNumber(value) : value.toFixed(decimals);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(MAX_SIGNIFICANT_DIGITS)));
}

function decimalsOf(value: number): number {
  const text = formatNumber(value);
  if (text.includes('e')) return MAX_DECIMALS + 1;
  return text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
}
