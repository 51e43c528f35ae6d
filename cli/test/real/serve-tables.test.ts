/** What agents learn about tables from the schema itself: uses, and names near an unknown one. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDir } from '../support/ktx.js';
import { startMcpSession } from '../support/mcp.js';
import { runSqlite, writeShop } from '../support/shop.js';

const LOCAL = { connectionId: 'local' };

it('says which view uses a table, and suggests tables for an unknown one without the folder', async () => {
  const cwd = await temporaryDir();
  await writeShop(cwd);
  const { call, failing } = await startMcpSession({ cwd }, ['--execute-queries']);
  await call('scan_run', LOCAL);
  expect(await call('table_get', { ...LOCAL, name: 'orders' })).toMatchObject({ usedBy: ['view main.big_orders'] });
  const error = await failing('sql_execute', { ...LOCAL, sql: 'SELECT * FROM ordres' });
  expect(error).toMatchObject({ code: 'KTX_QUERY_FAILED', message: expect.stringMatching(/ shop\.db .*ordres$/) });
  expect(error.hint).toBe('Use a table of the newest scan, such as main.orders');
  expect(error.message).not.toContain(cwd);
});

it('follows the definitions of views, and names the sources that read a table', async () => {
  const cwd = await temporaryDir();
  const file = await writeShop(cwd);
  runSqlite(file, 'CREATE VIEW buyers AS WITH big AS (SELECT * FROM big_orders) SELECT name FROM customers c, big b');
  await mkdir(join(cwd, 'semantic-layer/local'), { recursive: true });
  const source = 'name: daily\nsql: SELECT o.order_id FROM customers c, orders o\ngrain: [order_id]\n';
  await writeFile(join(cwd, 'semantic-layer/local/daily.yaml'), source);
  const { call } = await startMcpSession({ cwd });
  await call('scan_run', LOCAL);
  const lineageOf = async (name: string) => (await call('table_get', { ...LOCAL, name, lineage: true })).lineage;
  const nearest = { steps: 1, table: 'main.big_orders' };
  expect(await lineageOf('orders')).toEqual({
    upstream: [],
    downstream: [nearest, { steps: 2, table: 'main.buyers' }],
    usedBy: ['source daily'],
    queryTotal: 0,
    unknown: [],
  });
  expect(await lineageOf('buyers')).toMatchObject({
    upstream: [nearest, { steps: 1, table: 'main.customers' }, { steps: 2, table: 'main.orders' }],
    downstream: [],
  });
});
