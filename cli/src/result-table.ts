/** Rows of a query as people read them: a table where it fits the terminal, else a block for each row. */

import type { KtxSqlResult } from '@kaelio/ktx';
import type { CliIo } from './io.js';
import { count } from './output.js';
import { type Style, styleOf } from './style.js';
import { type Column, renderFacts, renderTable } from './table.js';

/** Digits that are worth reading; what a double has beyond them is the noise of its arithmetic. */
const DIGITS = 12;

/** Renders rows, and says how many there are. */
export async function renderResult(result: KtxSqlResult, io: CliIo): Promise<string> {
  const style = styleOf(io);
  const { rowCount, truncated } = result;
  const more = truncated ? ' shown, and there are more: raise --max-rows' : '';
  const footer = style.dim(`(${count(rowCount, 'row')}${more})`);
  return `${await renderRows(result, io.stdout.columns, style)}${footer}\n`;
}

async function renderRows({ columns, rows }: KtxSqlResult, terminal: number | undefined, style: Style) {
  const cells = rows.map((row) => row.map((value) => text(value, style)));
  const titles = columns.map(({ name }, index): Column => ({ title: name, align: alignment(rows, index) }));
  const table = await renderTable(titles, cells, style);
  if (terminal === undefined || terminal === 0 || (await fits(table, terminal))) return table;
  const blocks = cells.map(async (row, index) => {
    const facts = columns.map(({ name }, column): [string, string] => [name, row[column] ?? '']);
    return `${style.bold(`Row ${index + 1}`)}\n${await renderFacts(facts, style)}`;
  });
  return `${(await Promise.all(blocks)).join('\n')}\n`;
}

async function fits(table: string, terminal: number): Promise<boolean> {
  const width = (await import('fast-string-width')).default;
  return table.split('\n').every((line) => width(line) <= terminal);
}

function alignment(rows: unknown[][], index: number): 'left' | 'right' {
  const values = rows.map((row) => row[index]).filter((value) => value !== null);
  const isNumber = (value: unknown) =>
    typeof value === 'number' || (typeof value === 'string' && /^-?\d{16,}(\.\d+)?$|^-?\d+\.\d+$/.test(value));
  return values.length > 0 && values.every(isNumber) ? 'right' : 'left';
}

function text(value: unknown, style: Style): string {
  if (value === null || value === undefined) return style.dim('null');
  if (typeof value === 'number') return String(Number(value.toPrecision(Number.isInteger(value) ? 16 : DIGITS)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}
