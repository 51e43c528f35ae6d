/** Shapes of the semantic layer that several tools share; the same as in its files and in the daemon's interface. */

import { z } from 'zod';
import { closedObject, textOr } from './closed-object.js';

const described = { description: z.string().optional() };

const column = closedObject({
  name: z.string(),
  type: z.enum(['string', 'number', 'time', 'boolean']),
  expr: z.string().optional().describe("SQL over the source's own columns, where the column is computed"),
  visibility: z.enum(['public', 'internal', 'hidden']).optional(),
  ...described,
});

const join = closedObject({
  to: z.string().describe('Name of another source'),
  on: z.string().describe('local_column = other.column'),
  relationship: z.enum(['many_to_one', 'one_to_many', 'one_to_one']),
  alias: z.string().optional().describe('Name of a role of the other source, where there are several ways to it'),
});

const measure = closedObject({
  name: z.string(),
  expr: z.string().describe('An aggregate such as sum(amount), or a calculation with other measures'),
  filter: z.string().optional(),
  segments: z.array(z.string()).optional(),
  ...described,
});

const segment = closedObject({ name: z.string(), expr: z.string(), ...described });

/** A semantic source. */
export const semanticSource = closedObject({
  name: z.string().min(1),
  table: z.string().optional().describe('Physical table; a source has either a table or an sql'),
  sql: z.string().optional().describe('Query in the dialect of the connection'),
  grain: z.array(z.string()).optional().describe('Columns that tell one row from every other'),
  columns: z.array(column).optional(),
  joins: z.array(join).optional(),
  measures: z.array(measure).optional(),
  segments: z.array(segment).optional(),
  ...described,
});

/** Where a source is. */
export const semanticFile = z.looseObject({
  connectionId: z.string(),
  name: z.string(),
  path: z.string().describe('Relative to the project'),
});

const direction = z.enum(['asc', 'desc']);

const granularity = z.enum(['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']);

/** A query on semantic sources. */
export const semanticQuery = closedObject({
  measures: z
    .array(textOr(closedObject({ expr: z.string(), name: z.string() })))
    .optional()
    .describe('orders.revenue, sum(orders.amount), or { expr, name }'),
  dimensions: z
    .array(textOr(closedObject({ field: z.string(), granularity: granularity.optional() })))
    .optional()
    .describe('customers.segment, or { field, granularity } with minute, hour, day, week, month, quarter or year'),
  filters: z.array(z.string()).optional().describe("Conditions such as orders.status != 'returned'"),
  segments: z.array(z.string()).optional().describe('Named conditions of sources, such as orders.paid'),
  order_by: z
    .array(textOr(closedObject({ field: z.string(), direction: direction.optional() })))
    .optional()
    .describe('orders.revenue:desc, or { field, direction }'),
  limit: z.int().min(1).optional().describe('Maximum rows (default 1000)'),
  include_empty: z
    .boolean()
    .optional()
    .describe(
      'true: also list dimension values that no fact has; false: leave out facts without a value; absent: all facts only',
    ),
});

/** Rows that a database gave. */
export const resultSet = z.looseObject({
  columns: z.array(z.looseObject({ name: z.string() })),
  rows: z.array(z.array(z.unknown())),
  rowCount: z.int(),
  truncated: z.boolean().describe('Whether the query has more rows'),
  truncatedBy: z
    .enum(['limit', 'rows', 'bytes'])
    .optional()
    .describe('What left them out: limit of the query, maxRows, or the size of an answer'),
  hint: z.string().optional().describe('How to get what was left out'),
});

/** Argument: how many rows are wanted. */
export const maxRows = z
  .int()
  .min(1)
  .optional()
  .describe('Maximum rows of the answer (default: the limit of a semantic query, 1000 for SQL)');
