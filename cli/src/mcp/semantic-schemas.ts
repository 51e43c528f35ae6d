/** Schemas of the semantic layer; they equal those of its files and of the daemon's HTTP interface. */

import { z } from 'zod';
import { closedObject, stringOr } from './closed-object.js';

const descriptionField = { description: z.string().optional() };

const granularity = z.enum(['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']);

const column = closedObject({
  name: z.string(),
  type: z.enum(['string', 'number', 'time', 'boolean']),
  expr: z.string().optional().describe('SQL over the columns of the source, for a computed column'),
  visibility: z.enum(['public', 'internal', 'hidden']).optional(),
  ...descriptionField,
  values: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe('All values of the column'),
  granularity: granularity.optional().describe('Finest granularity of the times of the column'),
});

const join = closedObject({
  to: z.string().describe('Name of another source'),
  on: z.string().describe('local_column = other.column'),
  relationship: z.enum(['many_to_one', 'one_to_many', 'one_to_one']),
  alias: z.string().optional().describe('Role of the other source, if several joins lead to it'),
});

const measure = closedObject({
  name: z.string(),
  expr: z.string().describe('sum(amount), or an expression over other measures'),
  filter: z.string().optional(),
  segments: z.array(z.string()).optional(),
  ...descriptionField,
});

const segment = closedObject({ name: z.string(), expr: z.string(), ...descriptionField });

/** A semantic source. */
export const semanticSource = closedObject({
  name: z.string().min(1),
  table: z.string().optional().describe('Physical table; a source has either table or sql'),
  sql: z.string().optional().describe('Query in the dialect of the connection'),
  grain: z.array(z.string()).optional().describe('Columns that identify a row'),
  columns: z.array(column).optional(),
  joins: z.array(join).optional(),
  measures: z.array(measure).optional(),
  segments: z.array(segment).optional(),
  ...descriptionField,
});

const direction = z.enum(['asc', 'desc']);

/** A query on semantic sources. */
export const semanticQuery = closedObject({
  measures: z
    .array(stringOr(closedObject({ expr: z.string(), name: z.string() })))
    .optional()
    .describe('orders.revenue, sum(orders.amount), or { expr, name }'),
  dimensions: z
    .array(stringOr(closedObject({ field: z.string(), granularity: granularity.optional() })))
    .optional()
    .describe('customers.segment, orders.ordered_at:month, or { field, granularity }'),
  filters: z.array(z.string()).optional().describe("Conditions such as orders.status != 'returned'"),
  segments: z.array(z.string()).optional().describe('Named filters of sources, such as orders.paid'),
  order_by: z
    .array(stringOr(closedObject({ field: z.string(), direction: direction.optional() })))
    .optional()
    .describe('orders.revenue:desc, or { field, direction }'),
  limit: z.int().min(1).optional().describe('Maximum rows (default 1000)'),
  include_empty: z
    .boolean()
    .optional()
    .describe('true: also dimension values without facts; false: no facts without a dimension value'),
});

/** Argument: maximum rows. */
export const maxRows = z.int().min(1).optional().describe('Maximum rows (default 200)');
