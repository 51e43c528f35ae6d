import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ktx, temporaryDir } from '../support/ktx.js';
import { createDatabase } from '../support/postgres.js';
import { runSqlite, writeProject } from '../support/shop.js';

/** Ann has two orders with three items: a plain join would count her orders three times (fan-out). */
const SALES = [
  'CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL)',
  'CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id), ordered_at TIMESTAMP NOT NULL)',
  'CREATE TABLE order_items (order_id INTEGER NOT NULL REFERENCES orders (order_id), line INTEGER, amount DECIMAL(10, 2) NOT NULL, PRIMARY KEY (order_id, line))',
  "INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Größe')",
  "INSERT INTO orders VALUES (1, 1, '2025-01-31 10:00:00'), (2, 1, '2025-02-01 10:00:00'), (3, 2, '2025-02-02 10:00:00')",
  'INSERT INTO order_items VALUES (1, 1, 10.25), (1, 2, 20), (2, 1, 5), (3, 1, 7.5)',
];

const QUERY = [
  ...['--measure', 'order_items.total_amount', '--measure', 'orders.count'],
  ...['--dimension', 'customers.name', '--order-by', 'order_items.total_amount:desc', '--execute'],
];

const EXPECTED_ROWS = [
  ['Ann', 35.25, 2],
  ['Bob', 7.5, 1],
];

let cwd: string;
const folder = () => join(cwd, 'semantic-layer', 'local');
const orders = () => join(folder(), 'orders.yaml');

/** Runs a command, expects success, and returns its JSON. */
async function json(...args: string[]) {
  const { code, stdout, stderr } = await ktx([...args, '--json'], { cwd });
  expect(stderr).not.toContain('Error');
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

const actions = async () =>
  Object.fromEntries(
    (await json('sl', 'generate')).sources.map(({ name, action }: { name: string; action: string }) => [name, action]),
  );

describe('the semantic layer of a SQLite file', () => {
  beforeEach(async () => {
    cwd = await temporaryDir();
    runSqlite(join(cwd, 'shop.db'), SALES.join(';'));
    await writeProject(cwd, '  local: { driver: sqlite, path: ./shop.db, readonly: true }\n');
  });

  it('answers a query correctly after a scan', async () => {
    await json('scan', 'local');
    const generated = await ktx(['sl', 'generate'], { cwd });
    expect(generated.stdout).toMatch(/^Generated 3 semantic sources of local from the scan /);
    expect(await readdir(folder())).toEqual(['customers.yaml', 'order_items.yaml', 'orders.yaml']);
    expect((await ktx(['sl', 'list'], { cwd })).stdout).toMatch(
      /\norder_items +local +main\.order_items +3 +\d+ +orders\n/,
    );
    expect((await ktx(['sl', 'validate'], { cwd })).stdout).toContain('Valid: 3 semantic sources of local (0 errors');
    const { result, sql, dialect } = await json('sl', 'query', ...QUERY);
    expect(result.rows.filter(([name]: string[]) => name !== 'Größe')).toEqual(EXPECTED_ROWS);
    expect(dialect).toBe('sqlite');
    const months = ['--measure', 'orders.count', '--dimension', 'orders.ordered_at:month'];
    const table = await ktx(['sl', 'query', ...months, '--execute', '--max-rows', '1'], { cwd });
    expect(table.stdout).toMatch(/^ordered_at_month +count\n2025-01-01 +1\n\(1 row shown, more available/);
    expect((await ktx(['sl', 'query', ...QUERY.slice(0, -1)], { cwd })).stdout).toBe(`${sql}\n`);
  });

  it('reports truncation by a limit exactly if rows were cut', async () => {
    const more = 'WITH RECURSIVE r(n) AS (SELECT 4 UNION ALL SELECT n + 1 FROM r WHERE n < 1500)';
    runSqlite(join(cwd, 'shop.db'), `${more} INSERT INTO customers SELECT n, 'customer ' || n FROM r`);
    await json('scan', 'local');
    await json('sl', 'generate');
    const names = ['sl', 'query', '--measure', 'customers.count', '--dimension', 'customers.name', '--execute'];
    for (const [flags, rowCount, truncatedBy, footer] of [
      [[], 1000, 'limit', '(1000 rows, the limit; --limit N for more)'],
      [['--limit', '1200'], 1200, 'limit', '(1200 rows, the limit; --limit N for more)'],
      [['--limit', '1500'], 1500, undefined, '(1500 rows)'],
      [['--limit', '1501'], 1500, undefined, '(1500 rows)'],
      [['--max-rows', '2'], 2, 'rows', '(2 rows shown, more available: raise --max-rows)'],
      [['--limit', '2', '--max-rows', '10'], 2, 'limit', '(2 rows, the limit; --limit N for more)'],
    ] as const) {
      const { sql, result } = await json(...names, ...flags);
      expect([result.rowCount, result.rows.length, result.truncated]).toEqual([rowCount, rowCount, !!truncatedBy]);
      expect(result.truncatedBy).toBe(truncatedBy);
      expect(sql).toMatch(new RegExp(`LIMIT ${flags[0] === '--limit' ? flags[1] : 1000}$`));
      const table = await ktx([...names, ...flags], { cwd });
      expect(table.stdout.trimEnd().endsWith(footer)).toBe(true);
    }
  });

  it('preserves manual edits when the database changes', async () => {
    await json('scan', 'local');
    expect(await actions()).toEqual({ customers: 'created', order_items: 'created', orders: 'created' });
    const before = await readFile(orders(), 'utf8');
    await writeFile(orders(), before.replace('expr: count(*)', 'expr: count(distinct order_id) # mine'));
    await rm(join(folder(), 'customers.yaml'));
    runSqlite(
      join(cwd, 'shop.db'),
      'ALTER TABLE orders ADD COLUMN note TEXT; ALTER TABLE order_items ADD COLUMN tax INT;',
    );
    await json('scan', 'local');
    expect(await actions()).toEqual({ customers: 'deleted', order_items: 'updated', orders: 'extended' });
    const after = await readFile(orders(), 'utf8');
    expect(after).toContain('expr: count(distinct order_id) # mine');
    expect(after).toContain('  - name: note\n    type: string\n');
    expect(await actions()).toEqual({ customers: 'deleted', order_items: 'unchanged', orders: 'kept' });
  });

  it('reports what is missing or wrong, with the next step', async () => {
    const failing = async (...args: string[]) => {
      const { code, stderr, stdout } = await ktx(args, { cwd });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      return stderr;
    };
    expect(await failing('sl', 'generate')).toMatch(
      /^Error: local has not been scanned yet\nNext: .*ktx scan local\n/m,
    );
    expect(await failing('sl', 'query', '--measure', 'x.y')).toMatch(
      /^Error: .*no semantic sources yet.*\nNext: .*ktx sl generate/m,
    );
    await json('scan', 'local');
    await json('sl', 'generate');
    expect(await failing('sl', 'query', '--measure', 'orders.cuont')).toMatch(/^Error: .*'cuont'.*'count'/m);
    await writeFile(orders(), 'name: orders\ntable: main.orders\ncolumns: nothing\n');
    expect(await failing('sl', 'query', '--measure', 'orders.count')).toMatch(
      /^Error: semantic-layer\/local\/orders\.yaml:3:10: columns: expected a list/m,
    );
    const { code, stdout } = await ktx(['sl', 'validate'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Error: semantic-layer\/local\/orders\.yaml:3:10: [\s\S]*\nNot valid: /);
    expect((await ktx(['sl', 'list'], { cwd })).stdout).toContain('\nInvalid: semantic-layer/local/orders.yaml:3:10: ');
  });

  it('handles keys in another letter case and special column names, and validates against the newest scan', async () => {
    const file = join(cwd, 'shop.db');
    runSqlite(
      file,
      `CREATE TABLE Stations (Id INTEGER PRIMARY KEY, Name TEXT);
       CREATE TABLE air (id INTEGER PRIMARY KEY, station INTEGER REFERENCES stations (ID), "PM2.5" REAL, freight REAL,
         other INTEGER REFERENCES stations (nr));
       INSERT INTO Stations VALUES (1, 'North'); INSERT INTO air VALUES (1, 1, 2.5, 3, 1), (2, 1, 4, 5, 1);`,
    );
    await json('scan', 'local');
    const { warnings } = await json('sl', 'generate');
    expect(warnings).toEqual([
      expect.stringMatching(/Stations has no column nr, so that the foreign key from .* is skipped$/),
    ]);
    expect(await json('sl', 'validate')).toMatchObject({ valid: true, errors: [] });
    const query = ['--measure', 'air.total_pm2_5', '--dimension', 'Stations.Name', '--execute'];
    expect((await json('sl', 'query', ...query)).result.rows).toEqual([['North', 6.5]]);

    const edited = await readFile(join(folder(), 'air.yaml'), 'utf8');
    await writeFile(join(folder(), 'air.yaml'), `# mine\n${edited}`);
    runSqlite(file, 'ALTER TABLE air RENAME COLUMN freight TO freight_cost; DROP TABLE order_items;');
    await json('scan', 'local');
    const { code, stdout } = await ktx(['sl', 'validate', '--json'], { cwd });
    expect([code, JSON.parse(stdout).errors]).toEqual([
      1,
      [
        "air, column 'freight': The table main.air has no column 'freight' in the newest scan; did you mean 'freight_cost'?",
        "order_items: The newest scan has no table main.order_items; did you mean 'orders'?",
      ],
    ]);
  });

  it('lists sources without a runtime', async () => {
    const env = { KTX_RUNTIME_ROOT: join(cwd, 'no runtime') };
    const { code, stdout } = await ktx(['sl', 'list'], { cwd, env });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'No semantic sources yet: generate them with ktx sl generate\n',
    });
    const refused = await ktx(['sl', 'validate', '--no-input'], { cwd, env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Run: ktx runtime install --yes');
  });
});

describe('the semantic layer of PostgreSQL', () => {
  it('returns the same rows, without leaking the password', async () => {
    cwd = await temporaryDir();
    const database = await createDatabase();
    await database.execute(...SALES);
    const env = { WAREHOUSE_URL: database.url };
    await writeProject(cwd, '  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }\n');
    const texts: string[] = [];
    for (const args of [
      ['scan', 'warehouse'],
      ['sl', 'generate'],
      ['sl', 'validate'],
      ['sl', 'query', ...QUERY],
    ]) {
      const { code, stdout, stderr } = await ktx([...args, '--json'], { cwd, env });
      expect(stderr).not.toContain('Error');
      expect(code).toBe(0);
      texts.push(stdout, stderr);
    }
    const { rows } = JSON.parse(texts.at(-2) ?? '').result;
    expect(rows.filter(([name]: string[]) => name !== 'Größe')).toEqual(EXPECTED_ROWS);
    const wrong = new URL(database.url);
    wrong.password = 'not-the-password';
    const refused = await ktx(['sl', 'query', ...QUERY], { cwd, env: { WAREHOUSE_URL: wrong.href } });
    expect(refused.stderr).toMatch(/^Error: Cannot run the query on warehouse: .*refused the login/m);
    texts.push(refused.stderr, await readFile(join(cwd, '.ktx', 'semantic-layer', 'warehouse.json'), 'utf8'));
    expect(texts.filter((text) => text.includes(database.password) || text.includes('not-the-password'))).toEqual([]);
  });

  it('keeps the names of sources when tables of the same name are added and removed', async () => {
    cwd = await temporaryDir();
    const database = await createDatabase();
    await database.execute(
      'CREATE SCHEMA sales',
      'CREATE TABLE sales.stores (id int PRIMARY KEY, city text)',
      'CREATE TABLE sales.returns (id int PRIMARY KEY, store_id int REFERENCES sales.stores (id), amount numeric)',
      "INSERT INTO sales.stores VALUES (1, 'Bonn')",
      'INSERT INTO sales.returns VALUES (1, 1, 5)',
    );
    const env = { WAREHOUSE_URL: database.url };
    await writeProject(cwd, '  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }\n');
    const sources = join(cwd, 'semantic-layer', 'warehouse');
    const command = async (...args: string[]) => {
      const { code, stdout, stderr } = await ktx([...args, '--json'], { cwd, env });
      expect({ code, stderr: /Error.*/.exec(stderr)?.[0] }).toEqual({ code: 0, stderr: undefined });
      return JSON.parse(stdout);
    };
    const generated = async () => {
      await command('scan', 'warehouse');
      const { sources } = await command('sl', 'generate');
      expect(await command('sl', 'validate')).toMatchObject({ valid: true });
      const query = ['--measure', 'returns.total_amount', '--dimension', 'stores.city', '--execute'];
      const { result } = await command('sl', 'query', ...query);
      expect(result.rows.map((row: unknown[]) => [row[0], Number(row[1])])).toEqual([['Bonn', 5]]);
      return Object.fromEntries(sources.map(({ name, action }: { name: string; action: string }) => [name, action]));
    };
    expect(await generated()).toEqual({ returns: 'created', stores: 'created' });
    const stores = join(sources, 'stores.yaml');
    await writeFile(stores, `# mine\n${await readFile(stores, 'utf8')}`);
    await database.execute(
      'CREATE SCHEMA crm',
      'CREATE TABLE crm.stores (id int PRIMARY KEY)',
      'CREATE TABLE crm.returns (id int PRIMARY KEY)',
    );
    const both = { returns: 'unchanged', stores: 'kept' };
    expect(await generated()).toEqual({ ...both, crm_returns: 'created', crm_stores: 'created' });
    await rm(join(cwd, '.ktx', 'semantic-layer'), { recursive: true });
    expect(await generated()).toEqual({ ...both, crm_returns: 'unchanged', crm_stores: 'unchanged' });
    await database.execute('DROP SCHEMA crm CASCADE');
    expect(await generated()).toEqual({ ...both, crm_returns: 'removed', crm_stores: 'removed' });
  });
});
