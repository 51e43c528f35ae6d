/** The data policy of a connection: in scans and their readers, in queries, and in the tools of MCP. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ktx, temporaryDir } from '../support/ktx.js';
import { startMcpSession } from '../support/mcp.js';
import { createDatabase } from '../support/postgres.js';
import { runSqlite, writeProject } from '../support/shop.js';

const SHOP = [
  'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, secret TEXT UNIQUE)',
  'CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), code TEXT REFERENCES users (secret))',
  'CREATE TABLE salaries (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), pay INTEGER)',
  "INSERT INTO users VALUES (1, 'Ann', 'hunter2')",
  'INSERT INTO orders VALUES (1, 1, NULL)',
  'INSERT INTO salaries VALUES (1, 1, 4711)',
];
const POLICY = 'policy: { deny: { tables: [salaries, staging.*], columns: [users.secret] }, mask: [users.name] }';

let cwd: string;
let env: Record<string, string>;
let connection: string;

async function createSqlite(): Promise<void> {
  runSqlite(join(cwd, 'shop.db'), SHOP.join(';'));
  connection = 'driver: sqlite, path: ./shop.db, readonly: true';
}

async function createPostgres(): Promise<void> {
  const database = await createDatabase();
  await database.execute(...SHOP, 'CREATE SCHEMA staging', 'CREATE TABLE staging.loads (id INTEGER)');
  env = { WAREHOUSE_URL: database.url };
  connection = 'driver: postgres, url: env:WAREHOUSE_URL, readonly: true, schemas: [public, staging]';
}

const setPolicy = (policy: string) => writeProject(cwd, `  shop: { ${connection}${policy && `, ${policy}`} }\n`);

async function output(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ktx(args, { cwd, env });
  expect({ code, error: /^Error.*/m.exec(stderr)?.[0] }).toEqual({ code: 0, error: undefined });
  return stdout;
}

const json = async (...args: string[]) => JSON.parse(await output(...args, '--json'));

async function failure(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ktx(args, { cwd, env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return stderr.slice(stderr.indexOf('Error: '));
}

const columnsOf = async (table: string) =>
  (await json('table', table)).columns.map(({ name }: { name: string }) => name);

describe.each([
  ['SQLite', createSqlite, 'main'],
  ['PostgreSQL', createPostgres, 'public'],
] as const)('a connection to %s with a data policy', (_, create, schema) => {
  beforeEach(async () => {
    cwd = await temporaryDir();
    env = {};
    await create();
  });

  it('leaves denied tables and columns out of a scan, and says so', async () => {
    await setPolicy(POLICY);
    const { report } = await json('scan', 'shop');
    expect(report.changes.added).toEqual([`${schema}.orders`, `${schema}.users`]);
    expect(report.leftOut).toMatchObject({
      columns: 1,
      patterns: expect.arrayContaining(['salaries', 'users.secret']),
    });
    const staged = join(cwd, 'raw-sources', 'shop', 'live-database', report.syncId);
    const files = await Promise.all(
      ['foreign-keys.json', `tables/${schema}.orders.json`, `tables/${schema}.users.json`].map((file) =>
        readFile(join(staged, file), 'utf8'),
      ),
    );
    expect(files.join()).not.toMatch(/secret|salaries/);
    expect(await output('scan', 'report', 'latest')).toMatch(
      /Left out +\d tables?, 1 column \(salaries, .*users.secret\)/,
    );
  });

  it('applies to earlier scans and to sources that were generated from them', async () => {
    await setPolicy('');
    await output('scan', 'shop');
    expect(await columnsOf('users')).toContain('secret');
    await output('sl', 'generate');
    await setPolicy(POLICY);
    expect(await columnsOf('users')).toEqual(['id', 'name']);
    expect((await json('table', 'orders')).foreignKeys).toHaveLength(1);
    expect(await failure('table', 'salaries')).toContain('The newest scan has no table salaries');
    const { tables } = await json('table');
    expect(tables.map(({ name }: { name: string }) => name)).not.toContain('salaries');
    for (const flags of [[], ['--execute']]) {
      const refused = await failure('sl', 'query', '--measure', 'salaries.count', ...flags);
      expect(refused).toMatch(
        /^Error: Cannot query the source salaries: The data policy denies the table .*salaries\n/,
      );
      expect(refused).toContain("by 'salaries' of policy.deny.tables in ktx.yaml");
    }
    expect(await output('sl', 'query', '--measure', 'users.count', '--execute')).toContain('1');
    const { stdout } = await ktx(['sl', 'validate', '--json'], { cwd, env });
    expect(JSON.parse(stdout).warnings.join('\n')).toContain('salaries: The data policy denies the table');
  });

  it('refuses statements that read what is denied, and runs others', async () => {
    await setPolicy(POLICY);
    for (const sql of ['SELECT pay FROM SALARIES', 'SELECT u.secret FROM users u', 'SELECT * FROM users']) {
      expect(await failure('sql', sql)).toContain('data policy denies');
    }
    expect(await output('sql', 'SELECT id, name FROM users', '--format', 'csv')).toBe('id,name\n1,Ann\n');
    expect(await output('sql', 'SELECT count(*) AS n FROM users', '--format', 'csv')).toBe('n\n1\n');
    expect(await output('sql', 'SELECT * FROM orders', '--format', 'csv')).toContain('id,user_id,code');
  });

  it('is enforced by the tools of MCP', async () => {
    await setPolicy(POLICY);
    const { call, failing } = await startMcpSession({ cwd, env }, ['--execute-queries']);
    const sql = 'SELECT secret FROM users';
    const refused = await failing('sql_execute', { connectionId: 'shop', sql });
    expect(refused).toMatchObject({ code: 'KTX_POLICY_DENIED', message: expect.stringContaining('column secret') });
    expect(await call('sql_execute', { connectionId: 'shop', sql: 'SELECT name FROM users' })).toMatchObject({
      rows: [['Ann']],
    });
  });
});
