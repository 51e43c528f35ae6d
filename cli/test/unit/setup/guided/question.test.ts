import type { KtxSemanticColumn, KtxSemanticMeasure, KtxSemanticQuery } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { askFirstQuestion, commandOf, labelOf } from '../../../../src/setup/guided/question.js';
import { KEYS } from '../../../support/fake-terminal.js';
import { type GuidedFixture, guidedSession, queryResult, table } from '../../../support/guided.js';
import { ktxError } from '../../../support/projects.js';
import { summary } from '../../../support/sources.js';

const { enter, down, ctrlC } = KEYS;

const byStatus: KtxSemanticQuery = {
  ...{ measures: ['orders.count'], dimensions: ['orders.status'], order_by: ['orders.count:desc'], limit: 10 },
};

const ask = async (fixture: GuidedFixture = {}) => {
  const created = guidedSession(fixture);
  const first = await askFirstQuestion(created.session, 'warehouse', [table('orders'), table('stores')]);
  return { ...created, first };
};

/** The query that is suggested for a source with these columns and measures. */
async function suggested(columns: KtxSemanticColumn[], measures: KtxSemanticMeasure[] = [{ name: 'count', expr: '' }]) {
  const readKtxSemanticSource = async ({ connectionId = '', name = '' }) => ({
    ...{ connectionId, name, path: '', text: '', source: { name, columns, measures } },
  });
  return (await ask({ calls: { readKtxSemanticSource } })).first?.query;
}

describe('the suggested question', () => {
  it('groups by a column that usually has few values', async () => {
    const id = { name: 'id', type: 'number' } as const;
    const time = { name: 'ordered_at', type: 'time' } as const;
    expect(await suggested([id, time, { name: 'Order_Status', type: 'string' }])).toEqual({
      ...{ ...byStatus, dimensions: ['orders.Order_Status'] },
    });
  });

  it('else groups by year', async () => {
    expect(
      await suggested([
        { name: 'name', type: 'string' },
        { name: 'ordered_at', type: 'time' },
      ]),
    ).toEqual({
      ...{ measures: ['orders.count'], dimensions: [{ field: 'orders.ordered_at', granularity: 'year' }] },
      ...{ order_by: ['orders.ordered_at:desc'], limit: 10 },
    });
  });

  it('else groups by nothing', async () => {
    expect(await suggested([{ name: 'status', type: 'number' }])).toEqual({ measures: ['orders.count'] });
  });

  it('uses no column that is not public', async () => {
    const hidden: KtxSemanticColumn = { name: 'status', type: 'string', visibility: 'hidden' };
    expect(await suggested([hidden])).toEqual({ measures: ['orders.count'] });
    expect(await suggested([{ ...hidden, visibility: 'public' }])).toEqual(byStatus);
  });

  it('prefers the count to other measures', async () => {
    const [revenue, count] = [
      { name: 'revenue', expr: 'sum(x)' },
      { name: 'count', expr: 'count(*)' },
    ];
    expect(await suggested([], [revenue, count])).toEqual({ measures: ['orders.count'] });
    expect(await suggested([], [revenue])).toEqual({ measures: ['orders.revenue'] });
  });

  it('is about the source with the most joins, then the most rows', async () => {
    const listKtxSemanticSources = async () => [
      summary('small', { joins: ['stores'] }),
      summary('large', { joins: ['stores'] }),
      summary('alone'),
    ];
    const { session, calls } = guidedSession({ calls: { listKtxSemanticSources } });
    const tables = [table('small', { estimatedRows: 5 }), table('large'), table('alone', { estimatedRows: 10_000 })];
    const first = await askFirstQuestion(session, 'warehouse', tables);
    expect(first?.query.measures).toEqual(['large.count']);
    expect(calls.readKtxSemanticSource.mock.calls.map(([{ name }]) => name)).toEqual(['large', 'small', 'alone']);
  });

  it('reads five sources at most, none that is broken or has no measures', async () => {
    const many = Array.from({ length: 8 }, (_, n) => summary(`s${n}`));
    const listKtxSemanticSources = async () => [
      ...[summary('broken', { error: 'line 1' }), summary('none', { measures: [] }), ...many],
    ];
    const { calls } = await ask({ calls: { listKtxSemanticSources }, io: { environment: 'prod' } });
    expect(calls.readKtxSemanticSource.mock.calls.map(([options]) => options)).toEqual(
      ['s0', 's1', 's2', 's3', 's4'].map((name) => ({
        ...{ projectDir: '/shop', connectionId: 'warehouse', environment: 'prod', name },
      })),
    );
  });
});

describe('askFirstQuestion', () => {
  it('runs the first suggestion without a terminal', async () => {
    const { first, calls, stderr, io } = await ask();
    expect(first).toEqual({ query: byStatus, answer: queryResult() });
    expect(calls.runKtxSemanticQuery).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ projectDir: '/shop', connectionId: 'warehouse', query: byStatus, execute: true }),
    );
    expect(calls.runKtxSemanticQuery.mock.calls[0]?.[0].managedDaemon).toMatchObject({ io });
    expect(stderr()).toBe('Asking: orders.count by orders.status\nDone: Answered  orders.count by orders.status\n');
  });

  const two = { listKtxSemanticSources: async () => [summary('orders'), summary('stores')] };

  it('offers the suggestions, and runs the chosen one', async () => {
    const { first, screen } = await ask({ calls: two, answers: [['What would you like to know first?', down, enter]] });
    expect(first?.query.measures).toEqual(['stores.count']);
    expect(screen()).toContain('orders.count by orders.status');
  });

  it('asks nothing of the database if the user wants to know nothing', async () => {
    const { first, calls } = await ask({ calls: two, answers: [['What would you like', down, down, enter]] });
    expect(first).toBeUndefined();
    expect(calls.runKtxSemanticQuery).not.toHaveBeenCalled();
  });

  it('asks nothing without sources', async () => {
    const { first, calls, screen } = await ask({ calls: { listKtxSemanticSources: async () => [] }, answers: [] });
    expect(first).toBeUndefined();
    expect(calls.runKtxSemanticQuery).not.toHaveBeenCalled();
    expect(screen()).toBe('');
  });

  it('warns about a question that fails, and continues', async () => {
    const runKtxSemanticQuery = async () => {
      throw ktxError('KTX_QUERY_FAILED', 'permission denied for table orders');
    };
    const { first, stderr } = await ask({ calls: { runKtxSemanticQuery } });
    expect(first).toBeUndefined();
    const warning = 'The question orders.count by orders.status was not answered: permission denied for table orders';
    expect(stderr()).toContain(`Warning: ${warning}\n`);
  });

  it('ends with an interruption', async () => {
    const controller = new AbortController();
    const runKtxSemanticQuery = async () => {
      controller.abort(new Error('interrupted'));
      throw ktxError('KTX_QUERY_FAILED', 'Cancelled');
    };
    const { session, stderr } = guidedSession({ calls: { runKtxSemanticQuery }, io: { signal: controller.signal } });
    await expect(askFirstQuestion(session, 'warehouse', [])).rejects.toThrow('interrupted');
    expect(stderr()).not.toContain('Warning');
    const typed = guidedSession({ answers: [['What would you like', ctrlC]] });
    await expect(askFirstQuestion(typed.session, 'warehouse', [])).rejects.toMatchObject({ code: 'KTX_INTERRUPTED' });
  });
});

describe('the texts of a query', () => {
  const byYear: KtxSemanticQuery = {
    ...{
      measures: ['orders.count', 'orders.revenue'],
      dimensions: ['a.b', { field: 'orders.at', granularity: 'year' }],
    },
    ...{ order_by: ['orders.at:desc'], limit: 3 },
  };

  it('name its measures and dimensions', () => {
    expect(labelOf({ measures: ['orders.count'] })).toBe('orders.count');
    expect(labelOf(byYear)).toBe('orders.count, orders.revenue by a.b, orders.at (year)');
  });

  it('are a command that asks the same', () => {
    expect(commandOf(byYear, undefined)).toBe(
      'ktx sl query --measure orders.count --measure orders.revenue --dimension a.b --dimension orders.at:year' +
        ' --order-by orders.at:desc --limit 3 --execute',
    );
    expect(commandOf({ measures: ['orders.count'] }, 'my shop')).toBe(
      'ktx sl query --measure orders.count --connection-id "my shop" --execute',
    );
    const odd = { measures: ["$(x) it's.count"] };
    expect(commandOf(odd, undefined)).toBe(`ktx sl query --measure '$(x) it'\\''s.count' --execute`);
  });
});
