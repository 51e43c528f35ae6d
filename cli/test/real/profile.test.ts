import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { KtxTable, LocalScanRunResult } from '@kaelio/ktx';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ktx, startKtx, temporaryDir } from '../support/ktx.js';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { runSqlite, writeProject, writeShop } from '../support/shop.js';

const ROWS = [
  "INSERT INTO customers SELECT value, 'name ' || value FROM generate_series(1, 40) AS s (value)",
  "INSERT INTO orders SELECT value, 1 + value % 40, CASE value % 4 WHEN 0 THEN 'S' ELSE 'L' END FROM generate_series(1, 200) AS s (value)",
];

/** The library of SQLite has no `generate_series`. */
const SQLITE_ROWS = ROWS.map((sql) => {
  const end = /generate_series\(1, (\d+)\)/.exec(sql)?.[1];
  const series = `(WITH RECURSIVE s (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < ${end}) SELECT value FROM s)`;
  return `${sql.replace(/generate_series.*/, series)};`;
}).join('\n');

async function scanJson(args: string[], options: Parameters<typeof ktx>[1]): Promise<LocalScanRunResult['report']> {
  const { code, stdout, stderr } = await ktx(['scan', ...args, '--json'], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('Error') });
  return JSON.parse(stdout).report;
}

async function tableJson(name: string, cwd: string): Promise<KtxTable> {
  return JSON.parse((await ktx(['table', name, '--json'], { cwd })).stdout);
}

/** The facts of the columns of a table that `ROWS` determines. */
function factsOf({ columns }: KtxTable) {
  return columns.map(({ name, profile }) => ({ ...profile, name }));
}

const ORDERS = [
  { name: 'order_id', nulls: 0, distinct: 200, distinctExact: true, min: 1, max: 200, mean: 100.5 },
  { name: 'customer_id', nullShare: 0, distinct: 40, min: 1, max: 40 },
  {
    ...{ name: 'größe', distinct: 2, valuesComplete: true, hidden: false },
    values: [
      { value: 'L', count: 150 },
      { value: 'S', count: 50 },
    ],
  },
];

describe('ktx scan --profile of a SQLite file', () => {
  it('stages profiles that ktx table shows, also after a structural scan, and reports changes', async () => {
    const cwd = await temporaryDir();
    const shop = await writeShop(cwd);
    runSqlite(shop, SQLITE_ROWS);
    const report = await scanJson(['local', '--profile'], { cwd });
    expect(report).toMatchObject({ mode: 'enriched', profile: { profiled: 3, sampled: 0, unread: [], skipped: [] } });
    const sync = join(cwd, 'raw-sources', 'local', 'live-database', report.syncId);
    expect(await readdir(join(sync, 'profiles'))).toEqual(await readdir(join(sync, 'tables')));

    expect(await scanJson(['local'], { cwd })).toMatchObject({ mode: 'structural', diffSummary: { unchanged: 3 } });
    const table = await tableJson('orders', cwd);
    expect(table.profile).toEqual({ syncId: report.syncId, rows: 200, rowsExact: true });
    expect(factsOf(table)).toMatchObject(ORDERS);
    expect((await ktx(['table', 'orders'], { cwd })).stdout).toMatch(
      /\nFrequent values\n.*\n.*\n? *größe +L +150 +75% {2}█+\n/,
    );

    const again = await scanJson(['local', '--profile'], { cwd });
    const files = await Promise.all(
      [report, again].map(({ syncId }) => readFile(join(sync, '..', syncId, 'profiles', 'main.orders.json'), 'utf8')),
    );
    expect(files[0]).toBe(files[1]);
    expect(again.profileChanges).toBeUndefined();

    runSqlite(
      shop,
      "UPDATE orders SET größe = 'XL' WHERE größe = 'S'; UPDATE orders SET größe = NULL WHERE order_id = 1",
    );
    const { stdout } = await ktx(['scan', 'local', '--profile'], { cwd });
    expect(stdout).toContain('main.orders.größe: has nulls now, in 1 of 200 rows\n');
    expect(stdout).toContain('main.orders.größe: new value "XL"\n');
    expect(stdout).toContain('main.orders.größe: vanished value "S"\n');
  });

  it('does not store values that are masked or look sensitive', async () => {
    const cwd = await temporaryDir();
    runSqlite(
      await writeShop(cwd),
      `${SQLITE_ROWS} ALTER TABLE customers ADD COLUMN email TEXT;
      UPDATE customers SET email = 'ada.' || customer_id || '@secret-host.example';`,
    );
    await writeProject(
      cwd,
      "  local: { driver: sqlite, path: ./shop.db, readonly: true, policy: { mask: ['orders.größe'] } }\n",
    );
    const { syncId } = await scanJson(['local', '--profile'], { cwd });
    const dir = join(cwd, 'raw-sources', 'local', 'live-database', syncId, 'profiles');
    const texts = await Promise.all((await readdir(dir)).map((file) => readFile(join(dir, file), 'utf8')));
    expect(texts.filter((text) => text.includes('secret-host'))).toEqual([]);
    const [customers, orders] = [await tableJson('customers', cwd), await tableJson('orders', cwd)];
    expect(factsOf(customers)[2]).toMatchObject({ distinct: 40, hidden: true, sensitive: { class: 'email' } });
    expect(factsOf(orders)[2]).toMatchObject({ distinct: 2, hidden: true });
    expect(factsOf(orders)[2]).not.toHaveProperty('values');
    expect((await ktx(['table', 'customers'], { cwd })).stdout).toMatch(/email .*e-mail, not stored\n/);
  });

  it('is refused if it is switched off, and ktx table says how to make a profile', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    await writeProject(
      cwd,
      '  local: { driver: sqlite, path: ./shop.db, readonly: true, profile: { enabled: false } }\n',
    );
    const { code, stderr } = await ktx(['scan', 'local', '--profile'], { cwd });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('Next: Remove profile: { enabled: false } from it in ktx.yaml\n'),
    });
    expect((await ktx(['scan', 'local'], { cwd })).code).toBe(0);
    expect((await ktx(['table', 'orders'], { cwd })).stdout).toMatch(
      /\nNo profile yet: make one with ktx scan local --profile\n$/,
    );
  });

  it('reports a daemon that has no profiles', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const url = await startOldDaemon();
    const flags = ['--database-introspection-url', url];
    const { code, stderr } = await ktx(['scan', 'local', '--profile', ...flags], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error: The daemon cannot profile tables: .*\nNext: Update the daemon to this version of KTX, or /m,
    );
    expect((await ktx(['scan', 'local', ...flags], { cwd })).code).toBe(0);
  });
});

/** A daemon that answers the introspection with a table, and has no other endpoint. */
async function startOldDaemon(): Promise<string> {
  const columns = [{ name: 'id', type: 'int', nullable: true, primary_key: false, comment: null }];
  const facts = { catalog: null, db: 'main', kind: 'table', comment: null, estimated_rows: null, foreign_keys: [] };
  const answer = { extracted_at: 'now', metadata: { schemas: [] }, tables: [{ ...facts, name: 'a', columns }] };
  const server = createServer((request, response) => {
    const found = request.url === '/database/introspect';
    request.resume().on('end', () => {
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ? answer : { detail: 'Not Found' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('ktx scan --profile of PostgreSQL', () => {
  async function createShop(): Promise<{ cwd: string; database: TestDatabase; env: Record<string, string> }> {
    const [cwd, database] = [await temporaryDir(), await createDatabase()];
    await database.execute(
      'CREATE TABLE customers (customer_id integer PRIMARY KEY, name text NOT NULL)',
      'CREATE TABLE orders (order_id integer PRIMARY KEY, customer_id integer NOT NULL, größe text)',
      ...ROWS,
    );
    await writeProject(cwd, '  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }\n');
    return { cwd, database, env: { WAREHOUSE_URL: database.url } };
  }

  it('stages the same facts, without leaking the password', async () => {
    const { cwd, database, env } = await createShop();
    const report = await scanJson(['warehouse', '--profile'], { cwd, env });
    expect(report.profile).toMatchObject({ profiled: 2, unread: [], skipped: [] });
    expect(factsOf(await tableJson('orders', cwd))).toMatchObject(ORDERS);
    const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')));
    expect(texts.filter((text) => text.includes(database.password))).toEqual([]);
  });

  it('ends the statement on the server when it is interrupted, and stages nothing', async () => {
    const { cwd, database, env } = await createShop();
    await database.execute('CREATE VIEW slow AS SELECT pg_sleep(600)::text AS waited');
    const isRunning =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%slow%' AND pid <> pg_backend_pid()";
    const fails = (condition: string) =>
      `DO $$ BEGIN IF ${condition} (${isRunning}) THEN RAISE 'not yet'; END IF; END $$`;
    const waitUntil = (condition: string) =>
      vi.waitFor(() => database.execute(fails(condition)), { timeout: 60_000, interval: 200 });
    const scan = startKtx(['scan', 'warehouse', '--profile'], { cwd, env });
    await waitUntil('NOT EXISTS');
    scan.child.kill('SIGINT');
    expect(await scan.finished).toMatchObject({ code: 130, stdout: '' });
    await waitUntil('EXISTS');
    expect(await readdir(cwd)).not.toContain('raw-sources');
  });
});
