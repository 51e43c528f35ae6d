/** Text output of the profile of a table. */

import type { KtxColumnProfile, KtxSensitiveColumn, KtxTable } from '@kaelio/ktx';
import type { Column } from '../output/table.js';
import { toShortLine } from '../output/text.js';

/** Maximum values that are listed of a column. */
const MAX_VALUES = 5;

/** Smallest share of the most frequent value of a column whose values are listed, if there are others. */
const MIN_SHARE = 0.05;

/** Maximum characters of a value. */
const MAX_VALUE = 30;

/** Length of the bar of a value that all rows have. */
const BAR = 20;

const CLASSES: Record<KtxSensitiveColumn['class'], string> = {
  ...{ secret: 'secret', email: 'e-mail', phone: 'phone number', card: 'card number' },
  ...{ national_id: 'national id', iban: 'IBAN', person: 'person' },
};

/** The share of rows without a value, such as `12%`; `≈` marks that of a sample. */
export function nullsText({ nulls, nullShare }: KtxColumnProfile, isSampled: boolean): string {
  return nullShare === null ? '' : about(percentText(nulls, nullShare), isSampled);
}

/** The number of distinct values; `≈` marks an estimate. Zero that was not counted is unknown. */
export function distinctText({ distinct, distinctExact }: KtxColumnProfile): string {
  if (distinct === 0 && !distinctExact) return '';
  return distinctExact ? String(distinct) : `≈${distinct}`;
}

/** The range of the values, or of their lengths; `≈` marks that of a sample, which may lack the least and the greatest. */
export function rangeText({ min, max, minLength, maxLength }: KtxColumnProfile, isSampled: boolean): string {
  if (min !== undefined && max !== undefined) return about(rangeOf(valueText(min), valueText(max)), isSampled);
  if (minLength === undefined || maxLength === undefined) return '';
  return about(`${rangeOf(String(minLength), String(maxLength))} characters`, isSampled);
}

/** Recognised formats, and why there are no values. */
export function recognisedText({ formats = [], sensitive, hidden }: KtxColumnProfile): string {
  const kinds = formats.map(({ kind }) => kind.replaceAll('_', ' '));
  const label = sensitive === undefined ? 'masked' : (CLASSES[sensitive.class] ?? sensitive.class);
  const notes = [...(sensitive === undefined ? kinds : []), hidden ? `${label}, not stored` : ''];
  return notes.filter((note) => note !== '').join('; ');
}

/** The columns of {@link valueRows}. */
export const VALUE_COLUMNS: Column[] = [
  { title: 'COLUMN' },
  { title: 'VALUE' },
  { title: 'ROWS', align: 'right' },
  { title: 'SHARE', align: 'right' },
  { title: '' },
];

/** The most frequent values of the columns that have few values, or one that is frequent, with a bar for each. */
export function valueRows({ columns, profile }: KtxTable): string[][] {
  const total = profile?.sampledRows ?? profile?.rows ?? 0;
  const isSampled = profile?.sampledRows !== undefined;
  const inTable = profile?.rows ?? total;
  return columns.flatMap(({ name, profile: facts }) => {
    const { values = [], valuesComplete = false } = facts ?? {};
    const [first] = values;
    if (total === 0 || first === undefined) return [];
    if (!valuesComplete && first.count / total < MIN_SHARE) return [];
    const rows = values.slice(0, MAX_VALUES).map(({ value, count }, index) => {
      const share = count / total;
      const texts = [about(String(Math.round(share * inTable)), isSampled), percentText(count, share), bar(share)];
      return [index === 0 ? name : '', valueText(value), ...texts];
    });
    return valuesComplete && values.length <= MAX_VALUES ? rows : [...rows, ['', othersText(facts, rows.length)]];
  });
}

function othersText(facts: KtxColumnProfile | undefined, shown: number): string {
  if (facts === undefined) return '';
  if (!facts.distinctExact && facts.distinct <= shown) return '… and perhaps others';
  return `… and ${facts.distinctExact ? '' : 'about '}${Math.max(facts.distinct - shown, 1)} more`;
}

function about(text: string, isEstimate: boolean): string {
  return isEstimate ? `≈${text}` : text;
}

function rangeOf(min: string, max: string): string {
  return min === max ? min : `${min} … ${max}`;
}

/** A value in one short line; it may be any text of the database. */
function valueText(value: string | number | boolean): string {
  const text = toShortLine(value === '' ? "''" : String(value));
  const characters = [...text];
  return characters.length <= MAX_VALUE ? text : `${characters.slice(0, MAX_VALUE - 1).join('')}…`;
}

/** Rounded; what is above 0 is not `0%`, and what is below all is not `100%`. */
function percentText(count: number, share: number): string {
  const percent = Math.round(share * 100);
  if (count > 0 && percent === 0) return '<1%';
  return share < 1 && percent === 100 ? '>99%' : `${percent}%`;
}

function bar(share: number): string {
  return '█'.repeat(Math.max(1, Math.round(share * BAR)));
}
