/** Chooses the chart that fits a result: time → lines, one category → bars, two measures → points. */

import type { KtxSemanticQueryResult } from '@kaelio/ktx';
import { countOf } from '../../../site/format.js';
import { isPeriod, METRIC_TIME } from '../model/granularity.js';
import type { BarChart, ChartChoice, ChartColumn, ScatterChart } from './chart-spec.js';
import { lineChart, unitOption } from './lines.js';
import { parseTime } from './times.js';
import { isNumericColumn, readNumber, textOf } from './values.js';

/** Maximum numbers of what a chart shows. */
const MAX = { series: 8, bars: 40, panels: 3 };

/** What a chart needs to know of the fields of a model. */
export interface FieldFacts {
  /** Whether a field is a time. */
  isTime(field: string): boolean;
  /** Unit of a measure or metric. */
  unitOf(measure: string): string | undefined;
}

/** Chooses charts. */
export function chooseChart(answer: KtxSemanticQueryResult, { isTime, unitOf }: FieldFacts): ChartChoice {
  const rows = answer.result?.rows ?? [];
  if (rows.length === 0) return none('There are no rows');
  const columns = placed(answer, unitOf);
  const dimensions = columns.filter(({ provenance }) => provenance === 'dimension');
  const selected = columns.filter(({ provenance }) => provenance !== 'dimension');
  const measures = selected.filter(({ index, type }) => isNumericColumn(rows, index, type));
  const notes = omittedMeasures(selected, measures);
  if (measures.length === 0) return none(selected.length === 0 ? 'No measure is selected' : 'No measure has numbers');
  if (dimensions.length === 0) return none('One row needs no chart: add a dimension');
  const times = dimensions.filter((each) => isTimeColumn(each, isTime) && hasTimes(rows, each.index));
  const others = dimensions.filter((each) => !times.includes(each));
  if (times.length > 1) return none('There are several times: one can be the axis');
  const [time] = times;
  return time === undefined
    ? withoutTime(rows, others, measures, notes)
    : overTime(rows, time, others, measures, notes);
}

function overTime(
  rows: unknown[][],
  time: ChartColumn,
  others: ChartColumn[],
  measures: ChartColumn[],
  notes: string[],
): ChartChoice {
  if (others.length > 1) return none('Beside the time there are several dimensions: a chart has lines for one');
  const [by] = others;
  const names = by === undefined ? 1 : new Set(rows.map((row) => textOf(row[by.index]))).size;
  if (by !== undefined && names > MAX.series) {
    return none(`${by.alias} has ${names} values: a chart has lines for at most ${MAX.series}`);
  }
  const shown = measures.slice(0, MAX.panels);
  const charts = shown.map((measure) => lineChart(rows, time, measure, by));
  const without = rows.filter((row) => parseTime(row[time.index]) === undefined).length;
  if (without > 0)
    notes.push(`${countOf(without, 'row')} without a time ${without === 1 ? 'is' : 'are'} in the table only`);
  return { options: [{ kind: 'line', charts }], notes: [...notes, ...panelNotes(measures)] };
}

function withoutTime(
  rows: unknown[][],
  dimensions: ChartColumn[],
  measures: ChartColumn[],
  notes: string[],
): ChartChoice {
  const options: ChartChoice['options'] = [];
  const [x, y] = measures;
  if (measures.length === 2 && x !== undefined && y !== undefined) {
    options.push({ kind: 'scatter', charts: [scatter(rows, dimensions, x, y)] });
  }
  const [category] = dimensions;
  if (dimensions.length === 1 && category !== undefined) {
    const charts = measures.slice(0, MAX.panels).map((measure) => bars(rows, category, measure));
    options.push({ kind: 'bars', charts });
    notes.push(...panelNotes(measures));
  }
  if (options.length === 0) return none('There are several dimensions and no time: a chart has bars for one');
  return { options, notes };
}

function bars(rows: unknown[][], category: ChartColumn, measure: ChartColumn): BarChart {
  const shown = rows.slice(0, MAX.bars).map((row) => {
    const name = row[category.index];
    return { name: textOf(name), isNull: name === null, value: readNumber(row[measure.index]) };
  });
  return {
    kind: 'bars',
    category: category.alias,
    measure: measure.alias,
    ...unitOption(measure),
    bars: shown,
    omitted: rows.length - shown.length,
  };
}

function scatter(rows: unknown[][], dimensions: ChartColumn[], x: ChartColumn, y: ChartColumn): ScatterChart {
  const points = rows.flatMap((row) => {
    const [left, right] = [readNumber(row[x.index]), readNumber(row[y.index])];
    const name = dimensions.map(({ index }) => textOf(row[index])).join(', ');
    return left === null || right === null ? [] : [{ name, x: left, y: right }];
  });
  const units = { ...(x.unit && { xUnit: x.unit }), ...(y.unit && { yUnit: y.unit }) };
  return { kind: 'scatter', x: x.alias, y: y.alias, ...units, points };
}

function placed({ columns, result }: KtxSemanticQueryResult, unitOf: FieldFacts['unitOf']): ChartColumn[] {
  const names = result?.columns.map(({ name }) => name.toLowerCase()) ?? [];
  return columns.flatMap((column, at) => {
    // Some databases fold names.
    const found = names.indexOf(column.alias.toLowerCase());
    const index = found === -1 ? at : found;
    const unit = column.provenance === 'dimension' ? undefined : unitOf(column.name);
    const placedColumn = { ...column, ...(unit && { unit }), index, type: result?.columns[index]?.type ?? null };
    return index < names.length ? [placedColumn] : [];
  });
}

function isTimeColumn({ name, granularity }: ChartColumn, isTime: (field: string) => boolean): boolean {
  return granularity ? isPeriod(granularity) : name === METRIC_TIME || isTime(name);
}

function hasTimes(rows: unknown[][], index: number): boolean {
  return rows.some((row) => parseTime(row[index]) !== undefined);
}

function omittedMeasures(selected: ChartColumn[], measures: ChartColumn[]): string[] {
  const omitted = measures.length === 0 ? [] : selected.filter((each) => !measures.includes(each));
  return omitted.map(({ alias }) => `${alias} has no numbers, and is in the table only`);
}

function panelNotes(measures: ChartColumn[]): string[] {
  const omitted = measures.slice(MAX.panels).map(({ alias }) => alias);
  return omitted.length === 0 ? [] : [`In the table only: ${omitted.join(', ')}`];
}

function none(reason: string): ChartChoice {
  return { options: [], reason, notes: [] };
}
