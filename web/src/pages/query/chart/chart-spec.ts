/** What a chart draws. */

import type { KtxSemanticResultColumn } from '@kaelio/ktx';

/** A column of the result, with its place in the rows, and its type in the database. */
export interface ChartColumn extends KtxSemanticResultColumn {
  index: number;
  type: string | null;
  /** Of a measure. */
  unit?: string;
}

/** A value of a measure: its position, and the text of all its digits. */
export interface Value {
  number: number;
  text: string;
}

/** A chart of one measure over time. Without a value there is a gap. */
export interface LineChart {
  kind: 'line';
  time: string;
  measure: string;
  /** Unit of the measure, if its source says one. */
  unit?: string;
  /** First and last time of the result, also of rows without a value: charts of several measures have the same axis. */
  range: [first: number, last: number];
  series: Series[];
}

/** A line: points in the order of time, and `null` where it is interrupted. */
export interface Series {
  /** The value of the second dimension; `null` if there is none. */
  name: string | null;
  points: (TimePoint | null)[];
}

/** A point of a line. `label` is the time as the result has it. */
export interface TimePoint {
  time: number;
  label: string;
  value: Value;
}

/** A bar for each row, in the order of the result. `value` is `null` for NULL. */
export interface BarChart {
  kind: 'bars';
  category: string;
  measure: string;
  unit?: string;
  bars: { name: string; isNull: boolean; value: Value | null }[];
  /** Number of rows that are not drawn. */
  omitted: number;
}

/** A point for each row that has both values. */
export interface ScatterChart {
  kind: 'scatter';
  x: string;
  y: string;
  xUnit?: string;
  yUnit?: string;
  points: { name: string; x: Value; y: Value }[];
}

/** A chart. */
export type Chart = LineChart | BarChart | ScatterChart;

/** Kinds of charts, with the charts to draw; several of one kind have a measure each. */
export interface ChartChoice {
  /** Fitting kinds, the best first. None: `reason` says why. */
  options: { kind: Chart['kind']; charts: Chart[] }[];
  reason?: string;
  /** What the charts leave out. */
  notes: string[];
}
