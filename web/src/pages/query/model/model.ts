/** What a connection can be asked for, in the data of the page; absent keys keep it short. */

import type { FilterType } from './filter.js';

/** A public column. */
export interface ModelColumn {
  name: string;
  type: FilterType;
  description?: string;
  /** Some of its values, for filters. */
  values?: (string | number | boolean)[];
}

/** A measure of a source, or a metric. */
export interface ModelMeasure {
  name: string;
  expr: string;
  description?: string;
  unit?: string;
}

/** A named condition. */
export interface ModelSegment {
  name: string;
  description?: string;
}

/** A source, or a role of one, which has the columns of it only. */
export interface ModelSource {
  name: string;
  /** The source that a role is of. */
  roleOf?: string;
  description?: string;
  columns: ModelColumn[];
  measures: ModelMeasure[];
  segments: ModelSegment[];
}

/** The sources of a connection, and the metrics that it can answer. */
export interface Model {
  connectionId: string;
  dialect: string;
  sources: ModelSource[];
  metrics: ModelMeasure[];
  /** Whether some measure has a time, by which `metric_time` groups. */
  hasMetricTime: boolean;
}

/** Number of columns, measures and metrics that can be asked for. */
export function isEmpty({ sources, metrics }: Model): boolean {
  return sources.length === 0 && metrics.length === 0;
}
