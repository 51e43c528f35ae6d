/** Facts of a table as texts. */

import { countOf, formatNumber } from '../../site/format.js';
import type { TableData } from './data.js';

type Facts = TableData['facts'];

/** Kind of a table, such as `materialized view`. */
export function kindOf({ kind, variant }: Pick<Facts, 'kind' | 'variant'>): string {
  return variant?.replaceAll('_', ' ') ?? kind ?? 'unknown';
}

/** Number of rows, and how it is known. */
export function rowsOf({ profile, estimatedRows }: Pick<Facts, 'profile' | 'estimatedRows'>): string {
  const sample =
    profile?.sampledRows === undefined ? '' : `; profile of a sample of ${countOf(profile.sampledRows, 'row')}`;
  if (profile?.rows !== null && profile?.rows !== undefined) {
    return `${profile.rowsExact ? '' : '≈ '}${formatNumber(profile.rows)}${sample}`;
  }
  return `${estimatedRows === null ? 'unknown' : `≈ ${formatNumber(estimatedRows)}`}${sample}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A size in decimal units: `1.5 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // A value that would be rounded to 1000 belongs to the next unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 9.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
