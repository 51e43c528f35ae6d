/** Schemas of the semantic layer; they equal those of its files and of the daemon's HTTP interface. */

import { z } from 'zod';
import { GRANULARITIES, PERIODS } from '../sl/granularities.js';
import { closedObject, stringOr } from './closed-object.js';
import { unlisted } from './listed-schema.js';

const text = z.string().optional();
const texts = z.array(z.string()).optional();
const paths = z.record(z.string(), z.string()).optional();

const column = closedObject({
  name: z.string(),
  type: z.enum(['string', 'number', 'time', 'boolean']),
  expr: text.describe('SQL over the columns of the source'),
  measure: unlisted(text),
  visibility: z.enum(['public', 'internal', 'hidden']).optional(),
  description: text,
  values: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  granularity: z.enum(PERIODS).optional(),
  time_zone: unlisted(text),
});

const join = closedObject({
  to: z.string(),
  on: z.string().describe('local_column = other.column'),
  relationship: z.enum(['many_to_one', 'one_to_many', 'one_to_one']),
  alias: text.describe('Role of the other source'),
});

const balance = closedObject({ over: z.string(), take: z.enum(['first', 'last', 'average']).optional(), per: texts });

const conversion = closedObject({ source: z.string(), on: z.string(), within: z.string(), filter: text, time: text });

const measure = closedObject({
  name: z.string(),
  expr: z.string().describe('sum(amount), or over measures'),
  filter: text,
  segments: texts,
  time: unlisted(text),
  semi_additive: unlisted(balance.optional()),
  followed_by: unlisted(conversion.optional()),
  paths: unlisted(paths),
  fill_nulls_with: unlisted(z.number().optional()),
  description: text,
  synonyms: unlisted(texts),
  unit: unlisted(text),
  format: unlisted(text),
});

/** The keys of measures that are not listed. */
const MEASURE_KEYS =
  'Also time, semi_additive { over, take: first|last|average, per }, followed_by { source, on, within, filter }, ' +
  'paths, fill_nulls_with, synonyms, unit, format';

const segment = closedObject({ name: z.string(), expr: z.string(), description: text });

/** A semantic source. */
export const semanticSource = closedObject({
  name: z.string().min(1),
  table: text.describe('Physical table, or else sql'),
  sql: text,
  grain: texts.describe('Columns that identify a row'),
  columns: z.array(column).optional().describe('Also measure (orders.count, for each row), time_zone'),
  joins: z.array(join).optional(),
  measures: z.array(measure).optional().describe(MEASURE_KEYS),
  segments: z.array(segment).optional(),
  time: unlisted(text),
  paths: unlisted(paths),
  bridge: unlisted(z.boolean().optional()),
  weight: unlisted(text),
  description: text,
});

const direction = z.enum(['asc', 'desc']);

const value = z.union([z.string(), z.number(), z.boolean()]);

const dimension = closedObject({ field: text, expr: text, granularity: z.enum(GRANULARITIES).optional(), name: text });

const top = closedObject({
  by: z.string(),
  limit: z.int(),
  direction: unlisted(direction.optional()),
  per: unlisted(texts),
  others: unlisted(z.boolean().optional()),
});

/** The functions of measures, in one line. */
const FUNCTIONS =
  "cumulative(m), rolling(m, '7 days'), period_to_date(m, 'year'), moving_average(m, 7), previous, change, growth(m, '1 year'), " +
  'percent_of_total, fixed, rank, running_share(m, dimensions…), avg(per(m, dimensions…))';

/** A query on semantic sources. */
export const semanticQuery = closedObject({
  measures: z
    .array(stringOr(closedObject({ expr: z.string(), name: z.string() })))
    .optional()
    .describe(`orders.revenue, a metric, or 'revenue / n as rate', with names of the query and ${FUNCTIONS}`),
  dimensions: z
    .array(stringOr(dimension))
    .optional()
    .describe('orders.ordered_at:month, metric_time:month, bin(orders.amount, 10) as size'),
  filters: texts.describe("orders.status != 'returned', in_period(metric_time, 'last 30 days'), not exists(orders)"),
  segments: texts.describe('orders.paid'),
  order_by: z
    .array(stringOr(closedObject({ field: z.string(), direction: direction.optional() })))
    .optional()
    .describe('orders.revenue:desc'),
  limit: z.int().min(1).optional().describe('Default 1000'),
  offset: z.int().min(0).optional(),
  include_empty: z
    .boolean()
    .optional()
    .describe('true: also dimension values without facts; false: no facts without one'),
  fill_gaps: z.boolean().optional().describe('Also periods without facts'),
  top: top.optional().describe('First groups; also direction: asc, per: [customers.segment], others: true'),
  paths: paths.describe('{ nation: customer.nation }'),
  parameters: z
    .record(z.string(), z.union([value, z.array(value)]))
    .optional()
    .describe('Values of :name'),
  time_zone: text,
  now: unlisted(text),
});

/** Argument: maximum rows. */
export const maxRows = z.int().min(1).optional().describe('Default 200');
