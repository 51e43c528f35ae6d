/** Values of results for charts. */

import type { Value } from './chart-spec.js';

const DIGITS = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** Significant digits of a double that are exact; further ones are rounding errors. `ktx sl query` shows as many. */
const MAX_SIGNIFICANT_DIGITS = 15;

/** A number with its digits; a text of digits is a number that a double cannot keep. `null` for all else. */
export function readNumber(value: unknown): Value | null {
  if (typeof value === 'number') return Number.isFinite(value) ? { number: value, text: digitsOf(value) } : null;
  if (typeof value === 'string' && DIGITS.test(value)) {
    const number = Number(value);
    return Number.isFinite(number) ? { number, text: value } : null;
  }
  return null;
}

/** A value of a result as a text: as it is, or as JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number') return digitsOf(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function digitsOf(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(MAX_SIGNIFICANT_DIGITS)));
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
