/** Tables and aligned key/value blocks, in columns as wide as a terminal shows them. */

import type { Style } from '../terminal/style.js';

/** A column; numbers read better at the right. */
export interface Column {
  title: string;
  align?: 'left' | 'right';
}

type Width = (text: string) => number;

const GAP = '  ';

const PLAIN = /^[ -~]*$/;

/**
 * What tells how many columns of a terminal these texts take. Letters outside ASCII are the library's business; it is an
 * ES module, hence the dynamic import, which takes 10 ms.
 */
export async function widthFor(texts: string[]): Promise<Width> {
  if (texts.every((text) => PLAIN.test(text))) return (text) => text.length;
  return (await import('fast-string-width')).default;
}

function pad(text: string, to: number, align: Column['align'], width: Width): string {
  const filler = ' '.repeat(Math.max(0, to - width(text)));
  return align === 'right' ? filler + text : text + filler;
}

// A text from a database may command the terminal: only colours pass, which this package gives as well.
const ESCAPE = String.fromCharCode(27);
const COMMANDS = new RegExp(`${ESCAPE}\\[[\\d;]*m|(?!\\n)[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]`, 'gu');

function harmless(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/\t/g, '  ')
    .replace(COMMANDS, (found) =>
      found.length > 1 ? found : `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    );
}

// A line break inside a cell would tear the row apart.
function oneLine(text: string): string {
  return harmless(text).replace(/\s*\n+\s*/g, ' ');
}

/** Lines of a table: titles, then rows; no borders, nothing cut off, no trailing blanks. */
export async function renderTable(columns: Column[], rows: string[][], style: Style): Promise<string> {
  const titles = columns.map(({ title }) => oneLine(title));
  const cells = rows.map((row) => columns.map((_, index) => oneLine(row[index] ?? '')));
  const width = await widthFor([...titles, ...cells.flat()]);
  const widths = titles.map((title, index) =>
    cells.reduce((widest, row) => Math.max(widest, width(row[index] ?? '')), width(title)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align, width))
      .join(GAP)
      .trimEnd();
  const header = style.bold(line(titles));
  return `${[header, ...cells.map(line)].join('\n')}\n`;
}

/** Aligned `key  value` lines; entries without a value are left out. */
export async function renderFacts(facts: [key: string, value: string | undefined][], style: Style): Promise<string> {
  const known = facts
    .filter((fact): fact is [string, string] => fact[1] !== undefined)
    .map(([key, value]): [string, string] => [oneLine(key), harmless(value)]);
  const width = await widthFor(known.map(([key]) => key));
  const keyWidth = Math.max(0, ...known.map(([key]) => width(key)));
  return known.map(([key, value]) => `${style.dim(pad(key, keyWidth, 'left', width))}${GAP}${value}\n`).join('');
}
