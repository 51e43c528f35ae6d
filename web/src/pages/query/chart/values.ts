/** Values of results for charts. */

import type { Value } from './chart-spec.js';

const DIGITS = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** A number with its digits; a text of digits is a number that a double cannot keep. `null` for all else. */
export function readNumber(value: unknown): Value | null {
  if (typeof value === 'number') return Number.isFinite(value) ? { number: value, text: String(value) } : null;
  if (typeof value === 'string' && DIGITS.test(value)) {
    const number = Number(value);
    return Number.isFinite(number) ? { number, text: value } : null;
  }
  return null;
}

/** A value of a result as a text: as it is, or as JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Types of texts, whose digits are no numbers. */
const TEXT_TYPE = /char|text|string|enum|uuid|clob/i;

/** Whether a column has numbers, and nothing else beside NULL. `type` is its type in the database. */
export function isNumericColumn(rows: unknown[][], index: number, type: string | null): boolean {
  const values = rows.map((row) => row[index]).filter((value) => value !== null);
  const isText = type !== null && TEXT_TYPE.test(type);
  if (isText && values.some((value) => typeof value === 'string')) return false;
  return values.length > 0 && values.every((value) => readNumber(value) !== null || isNoNumber(value));
}

/** A double that is no number. */
function isNoNumber(value: unknown): boolean {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity';
}
