/** Rows in the formats of `--format`. */

import type { CliIo } from '../terminal/io.js';
import { escapeControlCharacters } from './control-characters.js';
import { type Column, loadTextWidth } from './table.js';

/** All formats; `table` is the text for people, and `json` the complete result. */
export const OUTPUT_FORMATS = ['table', 'csv', 'tsv', 'json', 'markdown'] as const;

/** A format. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** A format that has the rows of a table alone. */
export type RowFormat = 'csv' | 'tsv' | 'markdown';

/** How a result is printed; by default as text for people. */
export interface OutputOptions {
  json?: true;
  format?: RowFormat;
}

/** Columns, and rows of values: `null` for no value, texts, numbers, booleans, or values that are printed as JSON. */
export interface Rows {
  columns: Column[];
  rows: readonly (readonly unknown[])[];
}

/** Renders a header and the rows. CSV and TSV quote cells by RFC 4180; an empty text is `""`, and NULL is empty. */
export async function renderRows(format: RowFormat, { columns, rows }: Rows, io: CliIo): Promise<string> {
  const header = columns.map(({ title }) => title);
  if (format === 'markdown') return renderMarkdown(columns, [header, ...rows.map((row) => row.map(cellText))]);
  const { stringify } = await import('csv-stringify/sync');
  const text = stringify([header, ...rows.map((row) => row.map(cellText))], {
    delimiter: format === 'csv' ? ',' : '\t',
    // An empty text differs from NULL, and readers take a carriage return for the end of a row.
    quoted_match: /^$|\r/,
  });
  // Files get the values unchanged; on a terminal, their control sequences must not act.
  return io.stdout.isTTY ? escapeControlCharacters(text) : text;
}

async function renderMarkdown(columns: Column[], rows: (string | null)[][]): Promise<string> {
  const cells = rows.map((row) => row.map((cell) => escapeMarkdown(cell ?? '')));
  const [{ markdownTable }, stringLength] = await Promise.all([import('markdown-table'), loadTextWidth(cells.flat())]);
  const align = columns.map((column) => (column.align === 'right' ? 'right' : null));
  return `${markdownTable(cells, { align, stringLength })}\n`;
}

/** Text of a value; `null` for no value. */
function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Characters that Markdown would interpret in a cell; an underscore inside a word is not one of them. */
const MARKDOWN = /[\\`*[\]|~]|(?<!\w)_|_(?!\w)/g;

function escapeMarkdown(text: string): string {
  return escapeControlCharacters(text.replace(/\r\n?/g, '\n'))
    .replace(MARKDOWN, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('\t', ' ')
    .replaceAll('\n', '<br>');
}
