/** Tables and key/value blocks, aligned by the width of texts on a terminal. */

import type { Style } from '../terminal/style.js';
import { escapeControlsExceptColours } from './control-characters.js';

/** A column of a table. */
export interface Column {
  title: string;
  align?: 'left' | 'right';
}

/** Width of a text on a terminal, in columns. */
type TextWidth = (text: string) => number;

const GAP = '  ';

const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Loads a function that measures these texts. Texts outside ASCII need a library; it is an ES module, hence the dynamic
 * import, which takes 10 ms and is skipped for ASCII.
 */
export async function loadTextWidth(texts: string[]): Promise<TextWidth> {
  if (texts.every((text) => PRINTABLE_ASCII.test(text))) return (text) => text.length;
  return (await import('fast-string-width')).default;
}

/** Whether no line of a text is wider than a terminal. */
export async function fitsWidth(text: string, terminalWidth: number): Promise<boolean> {
  const lines = text.split('\n');
  const width = await loadTextWidth(lines);
  return lines.every((line) => width(line) <= terminalWidth);
}

function pad(text: string, columns: number, align: Column['align'], width: TextWidth): string {
  const filler = ' '.repeat(Math.max(0, columns - width(text)));
  return align === 'right' ? filler + text : text + filler;
}

function toLines(text: string): string {
  return escapeControlsExceptColours(text.replace(/\r\n?/g, '\n').replace(/\t/g, '  '));
}

// A line break inside a cell would break the row.
function toOneLine(text: string): string {
  return toLines(text).replace(/\s*\n+\s*/g, ' ');
}

/** Renders a table: titles, then rows, without borders, truncation or trailing blanks. */
export async function renderTable(columns: Column[], rows: string[][], style: Style): Promise<string> {
  const titles = columns.map(({ title }) => toOneLine(title));
  const cells = rows.map((row) => columns.map((_, index) => toOneLine(row[index] ?? '')));
  const width = await loadTextWidth([...titles, ...cells.flat()]);
  const widths = titles.map((title, index) =>
    cells.reduce((max, row) => Math.max(max, width(row[index] ?? '')), width(title)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align, width))
      .join(GAP)
      .trimEnd();
  const header = style.bold(line(titles));
  return `${[header, ...cells.map(line)].join('\n')}\n`;
}

/** Renders aligned `key  value` lines; entries without a value are left out. */
export async function renderProperties(
  properties: [key: string, value: string | undefined][],
  style: Style,
): Promise<string> {
  const present = properties
    .filter((property): property is [string, string] => property[1] !== undefined)
    .map(([key, value]): [string, string] => [toOneLine(key), toLines(value)]);
  const width = await loadTextWidth(present.map(([key]) => key));
  const keyWidth = Math.max(0, ...present.map(([key]) => width(key)));
  return present.map(([key, value]) => `${style.dim(pad(key, keyWidth, 'left', width))}${GAP}${value}\n`).join('');
}
