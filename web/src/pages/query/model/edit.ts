/** Changes of a query, each as a new query. */

import type { KtxSemanticDimension } from '@kaelio/ktx';
import { splitName } from '../../../../../cli/src/sl/named.js';
import { quotedName } from './dialect.js';
import { METRIC_TIME } from './granularity.js';
import type { Measure, Order, QueryState } from './query-state.js';

/** The measure of a source, or the metric for `null`, as a query names it. */
export function measureOf(source: string | null, name: string, dialect: string): Measure {
  if (source === null) return splitName(name) === undefined ? name : { expr: name, name };
  const text = `${source}.${name}`;
  if (needsQuotes(source, name)) return { expr: quotedField(source, name, dialect), name };
  return splitName(text) === undefined ? text : { expr: text, name };
}

/** The column of a source as a query names it; `null` is `metric_time`. */
export function dimensionOf(source: string | null, name: string, dialect: string): KtxSemanticDimension {
  if (source === null) return { field: METRIC_TIME };
  return needsQuotes(source, name)
    ? { expr: quotedField(source, name, dialect), name }
    : { field: `${source}.${name}` };
}

/** Whether `source.name` would lose blanks at its ends. */
function needsQuotes(source: string, name: string): boolean {
  return `${source}.${name}` !== `${source}.${name}`.trim();
}

function quotedField(source: string, name: string, dialect: string): string {
  return `${quotedName(source, dialect)}.${quotedName(name, dialect)}`;
}

/** Text that tells measures apart. */
export function measureKey(measure: Measure): string {
  return typeof measure === 'string' ? measure : `${measure.expr} as ${measure.name}`;
}

/** Text that tells dimensions apart, apart from their granularity. */
export function dimensionKey({ field, expr, name }: KtxSemanticDimension): string {
  return field ?? `${expr} as ${name}`;
}

/** Adds a measure, or removes it. */
export function toggleMeasure(state: QueryState, measure: Measure): QueryState {
  const key = measureKey(measure);
  const rest = state.measures.filter((each) => measureKey(each) !== key);
  return tidy(state, { ...state, measures: rest.length < state.measures.length ? rest : [...rest, measure] });
}

/** Adds a dimension, or removes it with all of its granularities. */
export function toggleDimension(state: QueryState, dimension: KtxSemanticDimension): QueryState {
  const key = dimensionKey(dimension);
  const rest = state.dimensions.filter((each) => dimensionKey(each) !== key);
  return tidy(state, { ...state, dimensions: rest.length < state.dimensions.length ? rest : [...rest, dimension] });
}

/** Replaces the dimension at a place. */
export function setDimension(state: QueryState, index: number, dimension: KtxSemanticDimension): QueryState {
  const before = state.dimensions[index];
  const dimensions = state.dimensions.with(index, dimension);
  const names = new Map(before === undefined ? [] : [[orderFieldOf(before, state), orderFieldOf(dimension, state)]]);
  const order_by = state.order_by.map((each) => ({ ...each, field: names.get(each.field) ?? each.field }));
  return tidy(state, { ...state, dimensions, order_by });
}

/** Removes the entry at a place of a list. */
export function removeAt(
  state: QueryState,
  key: 'measures' | 'dimensions' | 'filters' | 'segments' | 'order_by',
  index: number,
): QueryState {
  return tidy(state, { ...state, [key]: state[key].toSpliced(index, 1) });
}

/** Fields that a query can be ordered by, as its `order_by` names them. */
export function orderFields(state: QueryState): string[] {
  const measures = state.measures.map((each) => (typeof each === 'string' ? each : each.name));
  return [...new Set([...state.dimensions.map((each) => orderFieldOf(each, state)), ...measures])];
}

/** A dimension in the order: its name in the result if its field has several granularities. */
function orderFieldOf(dimension: KtxSemanticDimension, { dimensions }: QueryState): string {
  const { field = '', granularity, name } = dimension;
  if (name !== undefined) return name;
  const isRepeated = dimensions.filter((each) => each.field === field).length > 1;
  if (!isRepeated) return field;
  const column = field.slice(field.lastIndexOf('.') + 1);
  return granularity === undefined ? column : `${column}_${granularity}`;
}

/** Removes the order by what a change has removed. */
function tidy(before: QueryState, after: QueryState): QueryState {
  const kept = orderFields(after);
  const removed = new Set(orderFields(before).filter((field) => !kept.includes(field)));
  return { ...after, order_by: after.order_by.filter(({ field }) => !removed.has(field)) };
}

/** Replaces the order at a place, or adds one. */
export function setOrder(state: QueryState, index: number, order: Order): QueryState {
  const order_by = index < state.order_by.length ? state.order_by.with(index, order) : [...state.order_by, order];
  return { ...state, order_by };
}

/** Sets a key, or removes it. */
export function withOption<Key extends keyof QueryState>(
  state: QueryState,
  key: Key,
  value: QueryState[Key] | undefined,
): QueryState {
  const { [key]: _, ...rest } = state;
  return (value === undefined ? rest : { ...state, [key]: value }) as QueryState;
}
