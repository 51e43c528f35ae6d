import type { KtxSemanticQueryResult } from '@kaelio/ktx';
import { expect, it, vi } from 'vitest';
import { runSemanticQuery } from '../../../src/mcp/semantic-query.js';
import { sqlResult } from '../../support/projects.js';

const compiled = {
  ...{ connectionId: 'shop', sql: 'SELECT 1', dialect: 'sqlite', columns: [] },
  plan: { join_paths: ['orders → customers'], warnings: ['w'], sources_used: ['orders'] },
} as unknown as KtxSemanticQueryResult;

it('runSemanticQuery splits granularities off texts, and limits the rows only if it executes', async () => {
  const query = vi.fn(async () => compiled);
  const dimensions = ['orders.at:month', 'orders.odd:name', { field: 'a.b' }];
  const expected = [{ field: 'orders.at', granularity: 'month' }, 'orders.odd:name', { field: 'a.b' }];
  const answer = await runSemanticQuery({ query } as never, { connectionId: 'shop', query: { dimensions } }, {});
  expect(query).toHaveBeenLastCalledWith({ connectionId: 'shop', query: { dimensions: expected } }, {});
  expect(answer).toEqual({
    ...{ connectionId: 'shop', sql: 'SELECT 1', dialect: 'sqlite', columns: [] },
    ...{ joins: ['orders → customers'], warnings: ['w'] },
  });
  await runSemanticQuery({ query } as never, { connectionId: 'shop', query: {}, execute: true }, {});
  expect(query).toHaveBeenLastCalledWith({ connectionId: 'shop', query: {}, execute: true, maxRows: 200 }, {});
});

it('runSemanticQuery splits names off expressions, and explains on request', async () => {
  const query = vi.fn(
    async () => ({ ...compiled, plan: { ...compiled.plan, measure_groups: [], columns: [] } }) as never,
  );
  const asked = { measures: ['a.n', 'n / m as rate'], dimensions: ['bin(a.x, 10) as size'] };
  for (const explain of [true, false]) {
    const answer = await runSemanticQuery({ query } as never, { connectionId: 'shop', query: asked, explain }, {});
    const explanation = { Sources: ['orders'], Joins: ['orders → customers'], Warnings: ['w'] };
    if (explain) expect(answer).toMatchObject({ explanation });
    else expect(answer).not.toHaveProperty('explanation');
  }
  const measures = ['a.n', { expr: 'n / m', name: 'rate' }];
  const dimensions = [{ expr: 'bin(a.x, 10)', name: 'size' }];
  expect(query).toHaveBeenCalledWith({ connectionId: 'shop', query: { measures, dimensions } }, {});
});

it('runSemanticQuery warns of the limit only where it may have cut rows', async () => {
  const result = { ...sqlResult(), truncated: false };
  const plan = { ...compiled.plan, warnings: ['w', 'limit'], limit_warning: 'limit' };
  const run = (answer: object) =>
    runSemanticQuery(
      { query: async () => ({ ...compiled, plan, ...answer }) } as never,
      { connectionId: 'shop', query: {} },
      {},
    );
  expect(await run({ result })).toMatchObject({ warnings: ['w'], result: { rowCount: 2 } });
  expect(await run({ result: { ...result, truncated: true } })).toMatchObject({ warnings: ['w', 'limit'] });
  expect(await run({})).toMatchObject({ warnings: ['w', 'limit'] });
});
