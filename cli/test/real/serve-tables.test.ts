/** What agents learn about tables from the schema itself: uses, and names near an unknown one. */

import { expect, it } from 'vitest';
import { temporaryDir } from '../support/ktx.js';
import { startMcpSession } from '../support/mcp.js';
import { writeShop } from '../support/shop.js';

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
