/** What the plots of a column show, computed on the server from its profile. */

import type { KtxColumnProfile, KtxTableProfile } from '@kaelio/ktx';
import { formatNumber } from '../../site/format.js';
import { type Axis, numberAxis, timeAxis, timeOf } from './axis.js';

/** A frequent value. */
export interface PlottedValue {
  text: string;
  count: number;
  /** Share of the most frequent value's count, 0 to 1: the length of its bar. */
  length: number;
  /** Share of the rows that were read, 0 to 1; `null` if their number is unknown. */
  share: number | null;
}

/** The least and the greatest value, or length, as texts, and where they lie. */
export interface PlottedRange {
  min: string;
  max: string;
  mean?: string;
  /** Missing for texts, and where both are equal. */
  axis?: Axis;
}

/** Plots of a column. All texts without values if they are hidden. */
export interface ColumnPlots {
  nulls: { count: number; share: number | null };
  /** Number of distinct values, `≈` before an estimate; `null` if unknown. */
  distinct: string | null;
  /** Whether each value occurs in one row only. */
  unique: boolean;
  /** Why values are not shown; missing if they are. */
  hidden?: string;
  /** Missing if all values are shown. */
  range?: PlottedRange;
  values: PlottedValue[];
  /** Whether there are no other values. */
  valuesComplete: boolean;
  /** Lengths of texts, in characters; missing if all values are shown. */
  lengths?: PlottedRange;
  /** Sentences about recognised formats. */
  formats: string[];
}

/** Computes the plots of a column. */
export function plotColumn(profile: KtxColumnProfile, table: KtxTableProfile | undefined): ColumnPlots {
  const { nulls, nullShare, distinct, distinctExact, hidden } = profile;
  const rows = table?.sampledRows ?? table?.rows ?? null;
  const range = hidden ? undefined : plotRange(profile);
  const lengths = plotLengths(profile);
  return {
    nulls: { count: nulls, share: nullShare },
    distinct: distinct === 0 && !distinctExact ? null : `${distinctExact ? '' : '≈ '}${formatNumber(distinct)}`,
    unique: distinctExact && distinct > 1 && table?.sampledRows === undefined && distinct + nulls === table?.rows,
    ...(hidden && { hidden: reasonOf(profile) }),
    ...(range && { range }),
    values: hidden ? [] : plotValues(profile, rows),
    valuesComplete: !hidden && profile.valuesComplete,
    ...(lengths && { lengths }),
    // Evidence of a sensitive column names its class, and no value.
    formats: (profile.formats ?? []).map(({ evidence }) => evidence),
  };
}

function reasonOf({ sensitive }: KtxColumnProfile): string {
  if (sensitive === undefined) return 'the data policy masks the column.';
  return `the column looks sensitive (${sensitive.class.replace('_', ' ')}). ${sensitive.evidence}.`;
}

function plotValues({ values = [] }: KtxColumnProfile, rows: number | null): PlottedValue[] {
  const most = Math.max(1, ...values.map(({ count }) => count));
  return values.map(({ value, count }) => ({
    text: String(value),
    count,
    length: count / most,
    share: rows === null || rows === 0 ? null : Math.min(1, count / rows),
  }));
}

function plotRange({ min, max, mean, valuesComplete }: KtxColumnProfile): PlottedRange | undefined {
  if (min === undefined || max === undefined || typeof min === 'boolean') return undefined;
  const axis = axisOf(min, max, mean);
  // All values are shown, and tell the same.
  if (valuesComplete && (axis === undefined || axis.kind === 'number')) return undefined;
  return {
    min: String(min),
    max: String(max),
    ...(mean !== undefined && { mean: shortNumber(mean) }),
    ...(axis && { axis }),
  };
}

/** Large and exact numbers are texts in results; only columns of numbers have a mean. */
function axisOf(min: unknown, max: unknown, mean: number | undefined): Axis | undefined {
  if (typeof min === 'number' || mean !== undefined) return numberAxis(Number(min), Number(max), mean);
  const [from, to] = [timeOf(min), timeOf(max)];
  return from === undefined || to === undefined ? undefined : timeAxis(from, to);
}

function plotLengths(profile: KtxColumnProfile): PlottedRange | undefined {
  const { minLength, maxLength, meanLength, valuesComplete, hidden } = profile;
  if (valuesComplete && !hidden) return undefined;
  if (minLength === undefined || maxLength === undefined) return undefined;
  const axis = numberAxis(minLength, maxLength, meanLength);
  return {
    min: formatNumber(minLength),
    max: formatNumber(maxLength),
    ...(meanLength !== undefined && { mean: shortNumber(meanLength) }),
    ...(axis && { axis }),
  };
}

/** A number with at most six digits that count. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}
