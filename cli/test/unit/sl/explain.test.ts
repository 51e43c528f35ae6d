import type { KtxSemanticQueryResult } from '@kaelio/ktx';
import { expect, it } from 'vitest';
import { explain } from '../../../src/sl/explain.js';

const column = { name: 'orders.revenue', alias: 'revenue', expr: 'sum(amount)', provenance: 'verified' as const };

const plan = {
  sources_used: ['orders', 'customers'],
  join_paths: ['orders → customers'],
  has_fan_out: true,
  measure_groups: [
    { source: 'orders', measures: ['orders.revenue'], joins: ['orders → customers'], deduplicated: true },
    { source: 'customers', measures: [], joins: [], deduplicated: false },
  ],
  where_filters: ["orders.status <> 'returned'"],
  having_filters: [],
  columns: [
    { ...column, description: 'After discounts' },
    { name: 'at', alias: 'at', expr: 'orders.at', provenance: 'dimension' as const, granularity: 'month' as const },
  ],
  warnings: ['A row counts in several groups', 'Only the first 1000'],
  limit_warning: 'Only the first 1000',
};

function sections(more: object = {}): Record<string, string[]> {
  const answer = { plan: { ...plan, ...more } } as unknown as KtxSemanticQueryResult;
  return Object.fromEntries(explain(answer).map(({ title, lines }) => [title, lines]));
}

it('names what is aggregated where, filtered, limited and shown', () => {
  expect(sections()).toEqual({
    Sources: ['orders, customers'],
    Aggregation: [
      'orders: orders.revenue over its rows, joined by orders → customers; each row counts once in a group',
      'customers: its rows are grouped',
    ],
    Joins: ['orders → customers'],
    'Counted once': [
      'A plain join of all sources would count rows more than once, so each fact is aggregated on its own',
    ],
    'Filters of rows': ["orders.status <> 'returned'"],
    Columns: [
      'revenue: orders.revenue, measure of the model = sum(amount); After discounts',
      'at: dimension = orders.at by month',
    ],
    Limit: ['Only the first 1000'],
    Warnings: ['A row counts in several groups'],
  });
});

it('shows facts, calculations and the meaning of NULL if the plan has them, and keys that it does not know', () => {
  const path = { path: 'orders → customers', finds: 'at most one row' };
  const orders = { source: 'orders', measures: ['revenue'], grouped_by: ['name'], filters: ['a = 1'], paths: [path] };
  const facts = [
    { ...orders, time: 'orders.at', offset: '1 year', window: 'all rows', deduplicated: true },
    { source: 'visits', measures: [], grouped_by: [] },
  ];
  const last = { field: 'orders.at', period: 'last 2 days', time_zone: 'UTC', start: '2026-11-29', end: '2026-12-01' };
  const periods = [last, { field: 'orders.at', period: 'past', time_zone: 'UTC', end: '2026' }];
  const found = sections({
    periods,
    facts,
    nulls: ['No orders'],
    calculations: ['a / b'],
    fact_notes: [{ fact: 'orders', notes: ['x', 'y'] }],
    odd: null,
  });
  expect(found).toMatchObject({
    Facts: [
      'orders: revenue, grouped by name',
      '  orders → customers finds at most one row',
      '  metric_time is orders.at',
      '  of the period 1 year before',
      '  rows: all rows',
      '  filter: a = 1',
      '  each row counts once in a group',
      'visits, all rows as one group',
    ],
    NULL: ['No orders'],
    Calculations: ['a / b'],
    'Fact notes': ['fact orders; notes x, y'],
    Periods: [
      'orders.at in last 2 days: from 2026-11-29 to before 2026-12-01 (UTC)',
      'orders.at in past: to before 2026 (UTC)',
    ],
  });
  expect(found).not.toHaveProperty('Odd');
  expect(found).not.toHaveProperty('Aggregation');
});
