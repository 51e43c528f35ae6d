/** Tables and aligned key/value blocks, in columns as wide as a terminal shows them. */

import type { Style } from './style.js';

/** A column; numbers read better at the right. */
export interface Column {
  title: string;
  align?: 'left' | 'right';
}

type Width = (text: string) => number;

const GAP = '  ';

// The width of letters outside ASCII is the library's business; it is an ES module, hence the dynamic import.
async function loadWidth(): Promise<Width> {
  return (await import('fast-string-width')).default;
}

function pad(text: string, to: number, align: Column['align'], width: Width): string {
  const filler = ' '.repeat(Math.max(0, to - width(text)));
  return align === 'right' ? filler + text : text + filler;
}

// A line break inside a cell would tear the row apart.
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ');
}

/** Lines of a table: titles, then rows; no borders, nothing cut off, no trailing blanks. */
export async function renderTable(columns: Column[], rows: string[][], style: Style): Promise<string> {
  const width = await loadWidth();
  const cells = rows.map((row) => columns.map((_, index) => oneLine(row[index] ?? '')));
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...cells.map((row) => width(row[index] ?? ''))),
  );
  const line = (row: string[]) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align, width))
      .join(GAP)
      .trimEnd();
  const header = style.bold(line(columns.map((column) => column.title)));
  return `${[header, ...cells.map(line)].join('\n')}\n`;
}

/** Aligned `key  value` lines; entries without a value are left out. */
export async function renderFacts(facts: [key: string, value: string | undefined][], style: Style): Promise<string> {
  const width = await loadWidth();
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
  const keyWidth = Math.max(0, ...known.map(([key]) => width(key)));
  return known.map(([key, value]) => `${style.dim(pad(key, keyWidth, 'left', width))}${GAP}${value}\n`).join('');
}
