import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDir } from '../support/ktx.js';
import { mcpSession } from '../support/mcp.js';
import { createDatabase } from '../support/postgres.js';
import { runSqlite, writeProject, writeShop } from '../support/shop.js';

const ORDERS = {
  name: 'orders',
  table: 'orders',
  grain: ['order_id'],
  columns: [
    { name: 'order_id', type: 'number' },
    { name: 'customer_id', type: 'number' },
    { name: 'amount', type: 'number' },
  ],
  joins: [{ to: 'customers', on: 'customer_id = customers.customer_id', relationship: 'many_to_one' }],
  measures: [{ name: 'revenue', expr: 'sum(amount)' }],
};

const CUSTOMERS = {
  name: 'customers',
  table: 'customers',
  grain: ['customer_id'],
  columns: [
    { name: 'customer_id', type: 'number' },
    { name: 'name', type: 'string' },
  ],
};

const ROWS = [
  'CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL)',
  'CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, amount INTEGER)',
  "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace')",
  'INSERT INTO orders VALUES (1, 1, 10), (2, 1, 5), (3, 2, 7)',
];

const QUERY = {
  measures: ['orders.revenue'],
  dimensions: ['customers.name'],
  order_by: [{ field: 'orders.revenue', direction: 'desc' }],
};

async function sqliteShop(): Promise<{ cwd: string; connectionId: string; env: Record<string, string> }> {
  const cwd = await temporaryDir();
  runSqlite(join(cwd, 'shop.db'), ROWS.join(';'));
  await writeProject(cwd, '  shop: { driver: sqlite, path: ./shop.db, readonly: true }\n');
  return { cwd, connectionId: 'shop', env: {} };
}

async function postgresShop(): Promise<{ cwd: string; connectionId: string; env: Record<string, string> }> {
  const cwd = await temporaryDir();
  const database = await createDatabase();
  await database.execute(...ROWS);
  await writeProject(cwd, '  shop: { driver: postgres, url: env:SHOP_URL, readonly: true }\n');
  return { cwd, connectionId: 'shop', env: { SHOP_URL: database.url } };
}

describe('the semantic layer over MCP', () => {
  it.each([
    ['SQLite', sqliteShop],
    ['PostgreSQL', postgresShop],
  ])('is written, validated, queried and read on %s', async (_, shop) => {
    const { cwd, connectionId, env } = await shop();
    const { call, failing } = await mcpSession({ cwd, env }, ['--semantic-compute', '--execute-queries']);
    await call('scan_run', { connectionId });
    expect(await call('sl_list_sources')).toEqual({ sources: [] });
    for (const source of [ORDERS, CUSTOMERS]) {
      expect(await call('sl_write_source', { connectionId, source })).toMatchObject({ status: 'created' });
    }
    expect(await call('sl_write_source', { connectionId, source: ORDERS })).toMatchObject({ status: 'unchanged' });
    expect(await call('sl_read_source', { connectionId, name: 'orders' })).toMatchObject({ source: ORDERS });
    const { sources } = (await call('sl_list_sources', { connectionId })) as { sources: { name: string }[] };
    expect(sources.map(({ name }) => name).sort()).toEqual(['customers', 'orders']);
    expect(await call('sl_validate', { connectionId })).toMatchObject({ valid: true, errors: [] });

    const compiled = await call('sl_query', { connectionId, query: QUERY });
    expect(compiled.sql).toMatch(/sum/i);
    expect(compiled).not.toHaveProperty('result');
    const answer = (await call('sl_query', { connectionId, query: QUERY, execute: true })) as {
      result: { rows: unknown[][]; rowCount: number };
    };
    expect(answer.result.rowCount).toBe(2);
    expect(answer.result.rows.map(([name, revenue]) => [name, Number(revenue)])).toEqual([
      ['Ada', 15],
      ['Grace', 7],
    ]);
    const wrong = await failing('sl_query', { connectionId, query: { measures: ['orders.revenu'] } });
    expect(wrong.message).toContain('revenue');
  });

  it.each([
    ['SQLite', sqliteShop],
    ['PostgreSQL', postgresShop],
  ])('runs SQL on %s that reads, and refuses SQL that writes', async (_, shop) => {
    const { cwd, connectionId, env } = await shop();
    const { call, failing } = await mcpSession({ cwd, env }, ['--execute-queries']);
    const sql = 'SELECT order_id FROM orders ORDER BY order_id';
    expect(await call('sql_execute', { connectionId, sql, maxRows: 2 })).toMatchObject({
      rows: [[1], [2]],
      rowCount: 2,
      truncated: true,
    });
    const refused = await failing('sql_execute', { connectionId, sql: 'DELETE FROM orders' });
    expect(refused.code).toBe('KTX_QUERY_FAILED');
    expect(await call('sql_execute', { connectionId, sql: 'SELECT count(*) FROM orders' })).toMatchObject({
      rows: [[3]],
    });
  });

  it('runs nothing unless the server was started for it', async () => {
    const { cwd, connectionId } = await sqliteShop();
    const { client } = await mcpSession({ cwd });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain('sql_execute');
    const query = tools.find(({ name }) => name === 'sl_query');
    expect(query?.inputSchema.properties).not.toHaveProperty('execute');
    const call = { name: 'sl_query', arguments: { connectionId, query: QUERY, execute: true } };
    expect((await client.callTool(call)).isError).toBe(true);
  });

  it('lists, reads and writes sources without a runtime, and says what computing needs', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const root = join(cwd, 'no runtime');
    const { call, failing } = await mcpSession({ cwd, env: { KTX_RUNTIME_ROOT: root } }, ['--no-input']);
    await call('sl_write_source', { connectionId: 'local', source: CUSTOMERS });
    expect(await call('sl_read_source', { connectionId: 'local', name: 'customers' })).toHaveProperty('source');
    const query = { measures: ['count(customers.customer_id)'] };
    const error = await failing('sl_query', { connectionId: 'local', query });
    expect(error.message).toContain('Run: ktx runtime install --yes');
    expect(existsSync(root)).toBe(false);
  });
});
