/** Rows of a query as people read them: a table where it fits the terminal, else a block for each row. */

import type { KtxSqlResult } from '@kaelio/ktx';
import { count } from '../output/text.js';
import type { CliIo } from '../terminal/io.js';
import { type Style, styleOf } from '../terminal/style.js';
import { type Column, renderFacts, renderTable, widthFor } from './table.js';

/** Digits that are worth reading; what a double has beyond them is the noise of its arithmetic. */
const DIGITS = 15;

/** Where a column would need more, each number keeps its own. */
const MOST_DECIMALS = 6;

/** Renders rows, and says how many there are. */
export async function renderResult(result: KtxSqlResult, io: CliIo): Promise<string> {
  const style = styleOf(io);
  const footer = style.dim(`(${count(result.rowCount, 'row')}${moreOf(result)})`);
  return `${await renderRows(result, io.stdout.columns, style)}${footer}\n`;
}

/** What left rows out, and how to get them. */
function moreOf({ rowCount, truncated, truncatedBy }: KtxSqlResult): string {
  if (!truncated) return '';
  if (truncatedBy === 'limit') return ', the limit; --limit N for more';
  if (truncatedBy !== 'bytes') return ' shown, and there are more: raise --max-rows';
  if (rowCount === 0) return ': the first one is too large to be shown; ask for fewer columns';
  return ' shown, and more do not fit into an answer: ask for fewer rows or columns';
}

async function renderRows({ columns, rows }: KtxSqlResult, terminal: number | undefined, style: Style) {
  const values = columns.map((_, index) => rows.map((row) => row[index]));
  const texts = values.map((column) => textsOf(column, style));
  const cells = rows.map((_, row) => texts.map((column) => column[row] ?? ''));
  const titles = columns.map(({ name }, index): Column => ({ title: name, align: alignment(values[index] ?? []) }));
  const table = await renderTable(titles, cells, style);
  if (terminal === undefined || terminal === 0 || (await fits(table, terminal))) return table;
  const blocks = cells.map(async (row, index) => {
    const facts = columns.map(({ name }, column): [string, string] => [name, row[column] ?? '']);
    return `${style.bold(`Row ${index + 1}`)}\n${await renderFacts(facts, style)}`;
  });
  return `${(await Promise.all(blocks)).join('\n')}\n`;
}

async function fits(table: string, terminal: number): Promise<boolean> {
  const lines = table.split('\n');
  const width = await widthFor(lines);
  return lines.every((line) => width(line) <= terminal);
}

function alignment(column: unknown[]): 'left' | 'right' {
  const values = column.filter((value) => value !== null);
  // A number whose digits a double would lose comes as a text of all its digits.
  const isNumber = (value: unknown) =>
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && value.length > 15);
  return values.length > 0 && values.every(isNumber) ? 'right' : 'left';
}

/** The cells of a column; its numbers have the same number of decimals, so that they stand below each other. */
function textsOf(column: unknown[], style: Style): string[] {
  const decimals = column.reduce<number>(
    (most, value) => (typeof value === 'number' ? Math.max(most, decimalsOf(value)) : most),
    0,
  );
  return column.map((value) => {
    if (value === null || value === undefined) return style.dim('null');
    if (typeof value === 'number') return decimals > MOST_DECIMALS ? plain(value) : value.toFixed(decimals);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function plain(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)));
}

function decimalsOf(value: number): number {
  const text = plain(value);
  if (text.includes('e')) return MOST_DECIMALS + 1;
  return text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
}
