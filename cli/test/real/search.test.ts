import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KtxSearchAnswer } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { ktx } from '../support/ktx.js';
import { startMcpSession } from '../support/mcp.js';
import { postgresShop, sqliteShop } from '../support/shops.js';

const SHOP = [
  'CREATE TABLE customers (cust_id integer PRIMARY KEY, seg_cd varchar(20))',
  'CREATE TABLE refund_tx (refund_id integer PRIMARY KEY, cust_id integer REFERENCES customers (cust_id), amt integer)',
  "INSERT INTO customers VALUES (1, 'Enterprise'), (2, 'Enterprise'), (3, 'SMB')",
  'INSERT INTO refund_tx VALUES (1, 1, 10)',
];

async function search(options: Parameters<typeof ktx>[1], ...words: string[]): Promise<KtxSearchAnswer> {
  const { code, stdout, stderr } = await ktx(['search', ...words, '--json'], options);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('ktx search', () => {
  it.each([
    ['SQLite', sqliteShop],
    ['PostgreSQL', postgresShop],
  ])('finds tables, values and notes of a scan of %s, and what has changed since', async (_, shop) => {
    const options = await shop(SHOP);
    expect((await search(options, 'refunds')).hits).toEqual([]);
    expect((await ktx(['scan', 'shop', '--profile', '--yes'], options)).code).toBe(0);
    const { hits } = await search(options, 'which', 'table', 'has', 'refunds');
    expect(hits[0]).toMatchObject({ kind: 'table', name: expect.stringMatching(/refund_tx$/), connectionId: 'shop' });
    expect(hits[0]?.table).toBe(hits[0]?.name);
    const [value] = (await search(options, "columns holding 'enterprise'")).hits;
    expect(value).toMatchObject({ kind: 'value', why: "column `seg_cd`: value 'Enterprise', 2 rows" });
    const text = await ktx(['search', 'customer', 'refund', 'amount', '--kind', 'column', '--limit', '1'], options);
    expect(text.stdout).toMatch(
      /^KIND +NAME +WHY\ncolumn +.*refund_tx\.amt +column of .*refund_tx\n\(1 hit, the limit; --limit N for more\)\n$/,
    );

    await mkdir(join(options.cwd, 'notes'));
    await writeFile(join(options.cwd, 'notes', 'churn.md'), '# Churn\nA customer that left\n');
    await rm(join(options.cwd, '.ktx', 'search.sqlite'));
    const pages = await search(options, 'churn', '--kind', 'page');
    expect(pages.hits.map(({ name, connectionId }) => [name, connectionId])).toEqual([['notes/churn.md', null]]);
    const failed = await ktx(['search', 'x', '--limit', '201'], options);
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('a number from 1 to 200, not 201')]);
    expect((await ktx(['search', 'x', '--kind', 'tabel'], options)).stderr).toContain('Allowed choices are table,');

    const { call } = await startMcpSession(options);
    expect(await call('search', { query: 'refund', kinds: ['table'], limit: 1 })).toMatchObject({
      hits: [{ kind: 'table' }],
    });
    expect(await call('values_find', { text: 'ENTERPRISE' })).toMatchObject({
      values: [{ column: 'seg_cd', value: 'Enterprise', rows: 2, match: 'case' }],
    });
  });
});
