/** The plan of a query as a graph. */

import type { KtxSemanticPlan } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { planGraph } from '../../src/pages/query/answer/plan-graph.js';

const EMPTY: KtxSemanticPlan = {
  sources_used: [],
  join_paths: [],
  has_fan_out: false,
  measure_groups: [],
  where_filters: [],
  having_filters: [],
  columns: [],
  warnings: [],
};

const known = (name: string) => (name === 'manager' ? 'employees' : name === 'unknown' ? undefined : name);

function arrows(plan: Partial<KtxSemanticPlan>): string[] {
  const { nodes, edges } = planGraph({ ...EMPTY, ...plan }, 'shop', known);
  const ids = new Set(nodes.map(({ id }) => id));
  expect(ids.size).toBe(nodes.length);
  for (const { from, to } of edges) expect([from, to].filter((id) => !ids.has(id))).toEqual([]);
  return edges.map(({ from, to, label }) => `${from} > ${to}${label === undefined ? '' : ` (${label})`}`);
}

describe('the graph of a plan', () => {
  it('leads from the sources over joins and aggregations to the result', () => {
    const found = arrows({
      sources_used: ['orders', 'stores', 'items'],
      join_paths: ['orders → stores', 'items → orders'],
      facts: [
        { source: 'orders', measures: ['n'], grouped_by: ['city'] },
        { source: 'items', measures: ['total'], grouped_by: ['city'], offset: '1 year', filters: ['x'] },
      ],
      calculations: ['growth'],
    });
    expect(found).toEqual([
      'source stores > source orders (joined)',
      'source orders > source items (joined)',
      'source orders > fact 0',
      'source items > fact 1 (filtered, 1 year before)',
      'fact 0 > combined',
      'fact 1 > combined',
      'combined > calculations',
      'calculations > result',
    ]);
  });

  it('has no step that there is none of', () => {
    expect(arrows({ sources_used: ['a'], facts: [{ source: 'a', measures: ['n'], grouped_by: [] }] })).toEqual([
      'source a > fact 0',
      'fact 0 > result',
    ]);
  });

  it('links sources, also by their roles', () => {
    const { nodes } = planGraph(
      { ...EMPTY, sources_used: ['employees', 'unknown'], join_paths: ['employees → manager'] },
      'shop',
      known,
    );
    expect(nodes.map(({ label, kind, to }) => [label, kind, to && 'name' in to ? to.name : undefined])).toEqual([
      ['employees', 'source', 'employees'],
      ['unknown', 'source', undefined],
      ['manager', 'role of employees', 'employees'],
      ['', 'result', undefined],
    ]);
  });

  it('reads names with arrows in them', () => {
    const found = arrows({ sources_used: ['a → b', 'c'], join_paths: ['a → b → c'] });
    expect(found).toEqual(['source c > source a → b (joined)']);
  });

  it('draws the measure groups of earlier daemons', () => {
    const group = { source: 'a', measures: ['a.n'], joins: [], deduplicated: false };
    expect(arrows({ sources_used: ['a'], measure_groups: [group] })).toEqual(['source a > fact 0', 'fact 0 > result']);
  });
});
