import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ktx, temporaryDir } from '../support/ktx.js';
import { errorOf, STRUCTURED, startMcpSession, textOf } from '../support/mcp.js';
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
  'CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id), amount INTEGER)',
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

/** Every tool, in the order in which an agent would first call them. */
const TOOLS = [
  ...['connection_list', 'connection_test', 'scan_run', 'ingest_run', 'run_get', 'table_list', 'table_get'],
  ...['search', 'values_find', 'relationship_list', 'relationship_answer'],
  ...['sl_source_list', 'sl_source_get', 'sl_source_put', 'sl_source_validate', 'sl_query', 'sql_execute'],
];

describe('the semantic layer over MCP', () => {
  it.each([
    ['SQLite', sqliteShop],
    ['PostgreSQL', postgresShop],
  ])('answers a query correctly after a scan on %s', async (_, shop) => {
    const { cwd, connectionId, env } = await shop();
    const { client, call, strayOutput } = await startMcpSession({ cwd, env }, ['--execute-queries']);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([...TOOLS].sort());
    for (const { name, annotations } of tools) {
      expect([name, annotations?.readOnlyHint]).toEqual([
        name,
        !['scan_run', 'ingest_run', 'relationship_answer', 'sl_source_put'].includes(name),
      ]);
      expect([name, annotations?.destructiveHint === true]).toEqual([name, name === 'sl_source_put']);
    }
    expect(await call('connection_test', { connectionId })).toMatchObject({ tableCount: 2 });
    const messages: (string | undefined)[] = [];
    const onprogress = ({ message }: { message?: string | undefined }) => void messages.push(message);
    const request = { name: 'scan_run', arguments: { connectionId, mode: 'enriched' }, _meta: STRUCTURED };
    const scan = await client.callTool(request, { onprogress });
    const { runId } = scan.structuredContent as { runId: string };
    expect(messages.length).toBeGreaterThan(1);
    expect(await call('run_get', { runId })).toMatchObject({ status: 'done', diffSummary: { added: 2 } });
    expect(await call('table_list', { connectionId, contains: 'ORDER' })).toMatchObject({
      tables: [{ name: expect.stringMatching(/orders$/) }],
    });
    expect(await call('table_get', { connectionId, name: 'orders' })).toMatchObject({
      profile: { rowsExact: true },
      columns: expect.arrayContaining([expect.objectContaining({ name: 'amount', nulls: 0, max: 10 })]),
      joins: [{ fromTable: expect.stringMatching(/orders$/), toColumns: ['customer_id'], origin: 'foreign key' }],
    });
    const ingest = await call('ingest_run', { connectionId, adapter: 'live-database' });
    expect(ingest).toMatchObject({ report: { diffSummary: { added: 0, unchanged: 2 } } });
    expect(await call('run_get', { runId: ingest.runId })).toMatchObject(ingest.report as object);
    expect(await call('run_get')).toMatchObject({ runs: [{ runId: ingest.runId }, { runId }] });

    expect((await ktx(['sl', 'generate', '--yes'], { cwd, env })).stderr).not.toContain('Error');
    const { sources } = (await call('sl_source_list', { connectionId })) as { sources: { name: string }[] };
    expect(sources.map(({ name }) => name)).toEqual(['customers', 'orders']);
    expect(await call('sl_source_validate', { connectionId })).toMatchObject({ valid: true });
    const { source } = (await call('sl_source_get', { connectionId, name: 'orders' })) as { source: object };
    expect(source).toMatchObject({ grain: ['order_id'] });
    // Fan-out: each customer counts once, however many orders it has.
    const query = { measures: ['customers.count', 'orders.total_amount'], filters: ['orders.amount > 1'] };
    const answer = await call('sl_query', { connectionId, query, execute: true });
    expect(answer).toMatchObject({ result: { rowCount: 1 } });
    const { rows } = answer.result as { rows: unknown[][] };
    expect(rows.map((row) => row.map(Number))).toEqual([[2, 22]]);
    const sql = answer.sql as string;
    expect(await call('sql_execute', { connectionId, sql })).toMatchObject({ rows });
    expect(strayOutput).toEqual([]);
  });

  it.each([
    ['SQLite', sqliteShop],
    ['PostgreSQL', postgresShop],
  ])('is written, validated, queried and read on %s', async (_, shop) => {
    const { cwd, connectionId, env } = await shop();
    const { call, failing } = await startMcpSession({ cwd, env }, ['--semantic-compute', '--execute-queries']);
    await call('scan_run', { connectionId });
    expect(await call('sl_source_list')).toEqual({ total: 0, sources: [] });
    for (const source of [ORDERS, CUSTOMERS]) {
      const saved = await call('sl_source_put', { connectionId, source });
      expect(saved).toMatchObject({ status: 'created', validated: true });
    }
    expect(await call('sl_source_put', { connectionId, source: ORDERS })).toMatchObject({ status: 'unchanged' });
    expect(await call('sl_source_get', { connectionId, name: 'orders' })).toMatchObject({ source: ORDERS });
    const { sources } = (await call('sl_source_list', { connectionId })) as { sources: { name: string }[] };
    expect(sources.map(({ name }) => name).sort()).toEqual(['customers', 'orders']);
    expect(await call('sl_source_validate', { connectionId })).toMatchObject({ valid: true, errors: [] });
    for (const [source, part] of [
      [{ ...ORDERS, grain: ['order_nr'] }, "no column in orders 'order_nr'"],
      [{ ...ORDERS, table: 'ordersx' }, 'The newest scan has no table ordersx'],
      [{ ...ORDERS, joins: [{ ...ORDERS.joins[0], to: 'custmers' }] }, "did you mean 'customers'"],
      [{ ...ORDERS, name: '../../evil' }, 'cannot contain a dot'],
      [{ ...ORDERS, name: 'x'.repeat(100_000) }, 'at most 255 characters'],
    ] as const) {
      const { code, message } = await failing('sl_source_put', { connectionId, source });
      expect([code, message]).toEqual(['KTX_SEMANTIC_INVALID', expect.stringContaining(part)]);
    }
    expect(await call('sl_source_get', { connectionId, name: 'orders' })).toMatchObject({ source: ORDERS });

    await writeFile(
      join(cwd, 'semantic-layer', 'metrics.yaml'),
      'metrics: [{ name: doubled, expr: orders.revenue * 2 }]\n',
    );
    const metrics = [{ name: 'doubled', expr: 'orders.revenue * 2' }];
    expect(await call('sl_source_list')).toMatchObject({ total: 2, metrics });
    const both = { measures: ['doubled', 'orders.revenue', 'doubled - orders.revenue as rest'] };
    const explained = await call('sl_query', { connectionId, query: both, explain: true });
    expect(explained).toMatchObject({ explanation: { Sources: ['orders'] }, result: { rowCount: 1 } });
    expect((explained.result as { rows: unknown[][] }).rows.map((row) => row.map(Number))).toEqual([[44, 22, 22]]);

    const compiled = await call('sl_query', { connectionId, query: QUERY, execute: false });
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
  ])('runs reading SQL on %s, and rejects writing SQL', async (_, shop) => {
    const { cwd, connectionId, env } = await shop();
    const { call, failing } = await startMcpSession({ cwd, env }, ['--execute-queries']);
    const sql = 'SELECT order_id FROM orders ORDER BY order_id';
    expect(await call('sql_execute', { connectionId, sql, maxRows: 2 })).toMatchObject({
      rows: [[1], [2]],
      rowCount: 2,
      truncated: true,
    });
    for (const statement of [
      'DELETE FROM orders',
      'SELECT 1; SELECT 2',
      'SELECT 1 INTO x',
      'PRAGMA user_version = 1',
    ]) {
      const { code } = await failing('sql_execute', { connectionId, sql: statement });
      expect({ statement, code }).toEqual({ statement, code: 'KTX_QUERY_FAILED' });
    }
    expect(await call('sql_execute', { connectionId, sql: 'SELECT count(*) FROM orders' })).toMatchObject({
      rows: [[3]],
    });
  });

  it('truncates a result below 64 KiB with a hint, and continues', async () => {
    const { cwd, connectionId } = await sqliteShop();
    const { call } = await startMcpSession({ cwd }, ['--execute-queries']);
    const numbers = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000)';
    for (const value of ['hex(zeroblob(2650))', "replace(hex(zeroblob(500)), '0', '\"')", 'hex(zeroblob(400000))']) {
      const sql = `${numbers} SELECT n, ${value} AS body FROM r`;
      const answer = (await call('sql_execute', { connectionId, sql })) as Record<string, unknown>;
      expect(answer).toMatchObject({ truncated: true, truncatedBy: 'bytes', hint: expect.stringContaining('64 KiB') });
      expect(JSON.stringify(answer).length).toBeLessThan(64 * 1024);
    }
    expect(await call('sql_execute', { connectionId, sql: 'SELECT 1' })).toMatchObject({ rows: [[1]] });
  });

  it('warns of a superuser', async () => {
    const { cwd, connectionId, env } = await postgresShop();
    const tested = await ktx(['connection', 'test', connectionId, '--yes'], { cwd, env });
    expect(tested.stderr).toMatch(/Warning: The user '.+' of PostgreSQL is a superuser, /);
    const { stdout } = await ktx(['connection', 'test', connectionId, '--yes', '--json'], { cwd, env });
    expect(JSON.parse(stdout).warnings).toEqual([expect.stringContaining('is a superuser')]);
    const scan = await ktx(['scan', connectionId, '--yes', '--json'], { cwd, env });
    expect(JSON.parse(scan.stdout).report?.warnings ?? JSON.parse(scan.stdout).warnings).toEqual([
      expect.stringContaining('is a superuser'),
    ]);
  });

  it('executes nothing without --execute-queries', async () => {
    const { cwd, connectionId } = await sqliteShop();
    const { client } = await startMcpSession({ cwd });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain('sql_execute');
    const query = tools.find(({ name }) => name === 'sl_query');
    expect(query?.inputSchema.properties).not.toHaveProperty('execute');
    const sql = { connectionId, sql: 'SELECT 1' };
    for (const call of [
      { name: 'sl_query', arguments: { connectionId, query: QUERY, execute: true } },
      { name: 'sql_execute', arguments: sql },
    ]) {
      const answer = await client.callTool(call);
      expect(answer.isError).toBe(true);
      expect(errorOf(answer).hint).toContain('--execute-queries');
    }
    expect(client.getInstructions()).toContain('--execute-queries');
  });

  it('answers in text, to a query without measures, and to arguments as JSON text', async () => {
    const { cwd, connectionId } = await sqliteShop();
    const { client, call } = await startMcpSession({ cwd }, ['--execute-queries']);
    await call('scan_run', { connectionId });
    await call('sl_source_put', { connectionId, source: CUSTOMERS });
    const query = { dimensions: ['customers.name'], order_by: ['customers.name'], limit: null };
    const names = { name: 'sl_query', arguments: { connectionId, query: JSON.stringify(query), thought: 'x' } };
    const text = textOf(await client.callTool(names));
    expect(text).toMatch(/^# note: the unknown argument thought was ignored\n/);
    expect(text).toContain('# rows (2)\nname\nAda\nGrace\n');
    expect(text).toMatch(/\n# sql\nSELECT/);
    const table = { name: 'table_get', arguments: { connectionId, name: 'orders' } };
    const described = textOf(await client.callTool(table));
    expect(described).toMatch(/\n# columns \(3\)\nname\ttype\t.*\norder_id\tINTEGER\t/);
    expect(described).toMatch(/\nmain.orders\tcustomer_id\tmain.customers\tcustomer_id\tforeign key$/m);
    expect(Buffer.byteLength(described)).toBeLessThan(900);
  });

  it('lists, reads and writes sources without a runtime, and reports that a query needs it', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const root = join(cwd, 'no runtime');
    const { call, failing } = await startMcpSession({ cwd, env: { KTX_RUNTIME_ROOT: root } }, ['--no-input']);
    const saved = await call('sl_source_put', { connectionId: 'local', source: CUSTOMERS });
    expect(saved).toMatchObject({ status: 'created', validated: false });
    expect(await call('sl_source_get', { connectionId: 'local', name: 'customers' })).toHaveProperty('source');
    const query = { measures: ['count(customers.customer_id)'] };
    const error = await failing('sl_query', { connectionId: 'local', query });
    expect(error.hint).toContain('ktx runtime install --yes');
    expect(existsSync(root)).toBe(false);
  });
});
