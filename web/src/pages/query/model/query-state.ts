/** The query of the page, which is the fragment of its URL as JSON. */

import type { KtxSemanticDimension, KtxSemanticQuery, KtxSemanticTop, KtxSemanticValue } from '@kaelio/ktx';
import { parseDimension } from '../../../../../cli/src/sl/dimension.js';
import { splitName } from '../../../../../cli/src/sl/named.js';

/** A measure: a name of the model, or an expression with a name. */
export type Measure = string | { expr: string; name: string };

/** An entry of the order. */
export interface Order {
  field: string;
  direction: 'asc' | 'desc';
}

/** A query in one form, of all those that a query may have. */
export interface QueryState {
  measures: Measure[];
  dimensions: KtxSemanticDimension[];
  filters: string[];
  segments: string[];
  order_by: Order[];
  limit?: number;
  offset?: number;
  include_empty?: boolean;
  fill_gaps?: boolean;
  top?: KtxSemanticTop;
  paths?: Record<string, string>;
  parameters?: Record<string, KtxSemanticValue | KtxSemanticValue[]>;
  time_zone?: string;
  now?: string;
}

/** A query that asks for nothing. */
export const EMPTY: QueryState = { measures: [], dimensions: [], filters: [], segments: [], order_by: [] };

/** Whether a query selects something. */
export function isAsking({ measures, dimensions }: QueryState): boolean {
  return measures.length > 0 || dimensions.length > 0;
}

/** The fragment of a query, without `#`. */
export function fragmentOf(query: KtxSemanticQuery): string {
  return encodeURIComponent(JSON.stringify(query));
}

/** Reads a fragment; `undefined` if it is not a query. An empty one is the empty query. */
export function readFragment(fragment: string): QueryState | undefined {
  const text = fragment.replace(/^#/, '');
  if (text === '') return EMPTY;
  try {
    return toState(JSON.parse(decodeURIComponent(text)));
  } catch {
    return undefined;
  }
}

/** The state as a query, without what is empty. */
export function toQuery(state: QueryState): KtxSemanticQuery {
  const dimensions = state.dimensions.map((each) => shortDimension(each));
  const order_by = state.order_by.map(({ field, direction }) => `${field}:${direction}`);
  const entries = Object.entries({ ...state, dimensions, order_by });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && !isEmptyList(value)));
}

/** A dimension as a text, if the text is read as the same dimension. */
function shortDimension(dimension: KtxSemanticDimension): string | KtxSemanticDimension {
  const { field, granularity, expr, name } = dimension;
  if (field === undefined || expr !== undefined || name !== undefined) return dimension;
  const text = granularity === undefined ? field : `${field}:${granularity}`;
  return isSame(asDimension(text), dimension) ? text : dimension;
}

function asDimension(text: string): KtxSemanticDimension {
  const parsed = parseDimension(text);
  return typeof parsed === 'string' ? { field: parsed } : parsed;
}

function isSame(left: KtxSemanticDimension, right: KtxSemanticDimension): boolean {
  return (['field', 'expr', 'granularity', 'name'] as const).every((key) => left[key] === right[key]);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Converts JSON of any shape; entries that a query cannot have are left out. */
export function toState(value: unknown): QueryState | undefined {
  if (!isObject(value)) return undefined;
  const state: QueryState = {
    measures: list(value.measures).flatMap(readMeasure),
    dimensions: list(value.dimensions).flatMap(readDimension),
    filters: list(value.filters).filter(isText),
    segments: list(value.segments).filter(isText),
    order_by: list(value.order_by).flatMap(readOrder),
  };
  if (isCount(value.limit, 1)) state.limit = value.limit;
  if (isCount(value.offset, 0)) state.offset = value.offset;
  if (typeof value.include_empty === 'boolean') state.include_empty = value.include_empty;
  if (typeof value.fill_gaps === 'boolean') state.fill_gaps = value.fill_gaps;
  if (isText(value.time_zone)) state.time_zone = value.time_zone;
  if (isText(value.now)) state.now = value.now;
  const top = readTop(value.top);
  if (top !== undefined) state.top = top;
  if (isObject(value.paths)) state.paths = withValues(value.paths, isText);
  if (isObject(value.parameters)) state.parameters = withValues(value.parameters, isParameter);
  return state;
}

function readTop(value: unknown): KtxSemanticTop | undefined {
  if (!isObject(value) || !isText(value.by) || !isCount(value.limit, 1)) return undefined;
  const { by, limit, direction, per, others } = value;
  return {
    by,
    limit,
    ...(direction === 'asc' || direction === 'desc' ? { direction } : {}),
    ...(Array.isArray(per) ? { per: per.filter(isText) } : {}),
    ...(others === true ? { others } : {}),
  };
}

function withValues<T>(value: Record<string, unknown>, accepts: (each: unknown) => each is T): Record<string, T> {
  const entries = Object.entries(value).filter((entry): entry is [string, T] => accepts(entry[1]));
  return Object.fromEntries(entries);
}

function isParameter(value: unknown): value is KtxSemanticValue | KtxSemanticValue[] {
  return [value].flat().every((each) => ['string', 'number', 'boolean'].includes(typeof each));
}

function readMeasure(value: unknown): Measure[] {
  if (isText(value)) return [splitName(value) ?? value];
  return isObject(value) && isText(value.expr) && isText(value.name) ? [{ expr: value.expr, name: value.name }] : [];
}

function readDimension(value: unknown): KtxSemanticDimension[] {
  if (isText(value)) return [asDimension(value)];
  if (!isObject(value) || (!isText(value.field) && !isText(value.expr))) return [];
  const texts = (['field', 'expr', 'granularity', 'name'] as const).filter((key) => isText(value[key]));
  return [Object.fromEntries(texts.map((key) => [key, value[key]]))];
}

function readOrder(value: unknown): Order[] {
  if (isText(value)) {
    const { field = value, direction = 'asc' } = /^(?<field>.+):(?<direction>asc|desc)$/s.exec(value)?.groups ?? {};
    return [{ field, direction: direction as Order['direction'] }];
  }
  if (!isObject(value) || !isText(value.field)) return [];
  return [{ field: value.field, direction: value.direction === 'desc' ? 'desc' : 'asc' }];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
