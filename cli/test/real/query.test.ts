import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ktx, start, startKtx, temporaryDir } from '../support/ktx.js';
import { createDatabase } from '../support/postgres.js';
import { runSqlite, writeProject } from '../support/shop.js';

/** Ann has two orders with three items; Cy has no orders; `note` has every character that a format must escape. */
const SHOP = [
  'CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, note TEXT)',
  'CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id), status TEXT NOT NULL)',
  'CREATE TABLE order_items (order_id INTEGER NOT NULL REFERENCES orders (order_id), line INTEGER, amount DECIMAL(10, 2) NOT NULL, PRIMARY KEY (order_id, line))',
  "INSERT INTO customers VALUES (1, 'Ann', 'a,\"b\" | c'), (2, 'Größe', ''), (3, 'Cy', NULL)",
  "INSERT INTO orders VALUES (1, 1, 'open'), (2, 1, 'paid'), (3, 2, 'paid')",
  'INSERT INTO order_items VALUES (1, 1, 10.25), (1, 2, 20), (2, 1, 5), (3, 1, 7.5)',
];

let cwd: string;
let env: Record<string, string>;

/** Runs a command and expects success without a word about the daemon. */
async function output(args: string[], input?: string): Promise<string> {
  const running = startKtx(args, { cwd, env, input: input !== undefined });
  if (input !== undefined) running.child.stdin?.end(input);
  const { code, stdout, stderr } = await running.finished;
  expect({ code, error: /^Error.*/m.exec(stderr)?.[0] }).toEqual({ code: 0, error: undefined });
  expect(stderr).not.toContain('127.0.0.1');
  return stdout;
}

/** Runs a command and expects a failure; returns its first line. */
async function failure(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ktx(args, { cwd, env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  return stderr.slice(stderr.indexOf('Error: '));
}

const rowsOf = async (...flags: string[]) =>
  JSON.parse(await output(['sl', 'query', ...flags, '--execute', '--json'])).result.rows;

async function createSqlite(): Promise<void> {
  runSqlite(join(cwd, 'shop.db'), SHOP.join(';'));
  await writeProject(cwd, '  warehouse: { driver: sqlite, path: ./shop.db, readonly: true }\n');
}

async function createPostgres(): Promise<void> {
  const database = await createDatabase();
  await database.execute(...SHOP, "COMMENT ON COLUMN orders.status IS 'open or paid'");
  env = { WAREHOUSE_URL: database.url };
  await writeProject(cwd, '  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }\n');
}

describe.each([
  ['SQLite', createSqlite, 'main'],
  ['PostgreSQL', createPostgres, 'public'],
] as const)('a project with %s', (_, create, schema) => {
  beforeEach(async () => {
    cwd = await temporaryDir();
    env = {};
    await create();
  });

  it('runs SQL from the argument, a file and standard input, in every format', async () => {
    const sql = 'SELECT name, note FROM customers ORDER BY customer_id';
    expect(await output(['sql', sql])).toMatch(/^name +note\nAnn +a,"b" \| c\nGröße *\nCy +null\n\(3 rows\)\n$/);
    const csv = 'name,note\nAnn,"a,""b"" | c"\nGröße,""\nCy,\n';
    expect(await output(['sql', sql, '--format', 'csv'])).toBe(csv);
    await writeFile(join(cwd, 'q.sql'), `${sql};\n`);
    expect(await output(['sql', '--file', 'q.sql', '--format', 'csv'])).toBe(csv);
    expect(await output(['sql', '-', '--format', 'csv'], sql)).toBe(csv);
    expect(await output(['sql', sql, '--format', 'tsv'])).toContain('\nAnn\t"a,""b"" | c"\n');
    expect(await output(['sql', sql, '--format', 'markdown'])).toMatch(/\n\| Ann +\| a,"b" \\\| c +\|\n/);
    const answer = JSON.parse(await output(['sql', sql, '--format', 'json']));
    expect(answer).toMatchObject({ connectionId: 'warehouse', rowCount: 3, truncated: false });
    expect(answer.rows[2]).toEqual(['Cy', null]);
  });

  it('rejects SQL that writes, and reports a limit that cut rows on stderr', async () => {
    expect(await failure('sql', 'DELETE FROM orders')).toMatch(/^Error: Cannot run the query on warehouse: /);
    expect(await failure('sql', 'SELECT 1; SELECT 2')).toMatch(/^Error: Cannot run the query on warehouse: /);
    const limited = await ktx(['sql', 'SELECT name FROM customers', '--max-rows', '2', '--format', 'csv'], {
      cwd,
      env,
    });
    expect(limited.stdout.split('\n')).toHaveLength(4);
    expect(limited.stderr).toContain('2 rows shown, more available: raise --max-rows\n');
    expect(await output(['sql', 'SELECT count(*) AS n FROM orders'])).toMatch(/^n\n3\n/);
  });

  it('shows tables, runs by prefix, and sources', async () => {
    const { runId } = JSON.parse(await output(['scan', 'warehouse', '--json']));
    await output(['sl', 'generate']);
    expect(await output(['table', '--format', 'csv'])).toContain(`\n${schema}.orders,table,3,`);
    const orders = await output(['table', 'ORDERS']);
    expect(orders).toMatch(new RegExp(`^Table +${schema}\\.orders\n`));
    expect(orders).toMatch(/\norder_id +INTEGER +(not )?null +primary/i);
    expect(orders).toMatch(
      new RegExp(`References\n.*\n${schema}\\.orders \\(customer_id\\) +${schema}\\.customers \\(customer_id\\)`),
    );
    expect(orders).toMatch(
      new RegExp(`Referenced by\n.*\n${schema}\\.order_items \\(order_id\\) +${schema}\\.orders \\(order_id\\)`),
    );
    const described = JSON.parse(await output(['table', `${schema}.orders`, '--json']));
    expect(described).toMatchObject({ name: 'orders', schema, kind: 'table', connectionId: 'warehouse' });
    expect(described.columns[2].comment).toBe(schema === 'public' ? 'open or paid' : null);
    expect(await failure('table', 'order')).toMatch(
      /^Error: The newest scan has no table order; did you mean orders\?\n/,
    );
    const unknown = await failure('sql', 'SELECT * FROM ordres');
    expect(unknown).toContain(`Use a table of the newest scan, such as ${schema}.orders\n`);
    expect(unknown).toMatch(/^Error: .*ordres/);
    expect(unknown).not.toContain(cwd);
    for (const run of [runId, runId.slice(0, 20), runId.slice(4), 'latest']) {
      expect(await output(['scan', 'status', run, '--format', 'csv'])).toContain(`added,${schema}.orders\n`);
      expect(JSON.parse(await output(['ingest', 'report', run, '--json'])).runId).toBe(runId);
    }
    expect(await output(['sl', 'read', 'orders'])).toMatch(/^(# .*\n)*name: orders\n/);
    expect(JSON.parse(await output(['sl', 'read', 'orders', '--json'])).source.name).toBe('orders');
    expect(await failure('sl', 'read', 'order')).toMatch(/did you mean orders\?/);
  });

  it('answers named expressions, dimensions without measures, and empty groups', async () => {
    await output(['scan', 'warehouse']);
    await output(['sl', 'generate']);
    const revenue = ['--measure', 'sum(order_items.amount) as revenue', '--order-by', 'revenue:desc'];
    const byName = [...revenue, '--dimension', 'customers.name'];
    expect(await output(['sl', 'query', ...byName, '--execute', '--format', 'csv'])).toBe(
      'name,revenue\nAnn,35.25\nGröße,7.5\n',
    );
    // Fan-out: a customer is listed once, although Ann has two orders with three items.
    expect(await rowsOf('--dimension', 'customers.name')).toEqual([['Ann'], ['Cy'], ['Größe']]);
    expect(await rowsOf('--dimension', 'customers.name', '--dimension', 'orders.status')).toEqual([
      ['Ann', 'open'],
      ['Ann', 'paid'],
      ['Größe', 'paid'],
    ]);
    expect(await rowsOf('--dimension', 'customers.name', '--filter', "orders.status = 'paid'")).toEqual([
      ['Ann'],
      ['Größe'],
    ]);
    const counts = ['--measure', 'orders.count', '--dimension', 'customers.name', '--order-by', 'customers.name'];
    expect(await rowsOf(...counts)).toEqual([
      ['Ann', 2],
      ['Größe', 1],
    ]);
    expect(await rowsOf(...counts, '--include-empty')).toEqual([
      ['Ann', 2],
      ['Cy', 0],
      ['Größe', 1],
    ]);
    const named = ['--dimension', 'customers.name as who', '--dimension', 'length(customers.name) as letters'];
    expect(await output(['sl', 'query', ...named, '--limit', '1', '--execute', '--format', 'csv'])).toContain(
      'who,letters\nAnn,3\n',
    );
    expect(
      await rowsOf('--dimension', 'customers.name', '--filter', 'customers.name = :name', '--param', 'name=Cy'),
    ).toEqual([['Cy']]);
    expect(await failure('sl', 'query', '--measure', 'sum(orders.x) as y')).toMatch(/^Error: /);
  });

  it('answers metrics and first groups, and explains them', async () => {
    await output(['scan', 'warehouse']);
    await output(['sl', 'generate']);
    const expr = 'order_items.count - orders.count';
    const metrics = join(cwd, 'semantic-layer', 'metrics.yaml');
    await writeFile(metrics, `metrics: [{ name: more_items, expr: ${expr}, synonyms: [surplus] }]\n`);
    expect(await output(['sl', 'list'])).toContain(`\nMetric: more_items = ${expr}\n`);
    expect(await output(['sl', 'read', 'more_items'])).toContain(`expr: ${expr}\n`);
    expect(await output(['search', 'surplus', '--format', 'csv'])).toContain('metric,more_items,');
    await output(['sl', 'validate']);
    expect(await rowsOf('--measure', 'more_items')).toEqual([[1]]);
    const byName = ['--measure', 'orders.count', '--dimension', 'customers.name'];
    expect(await rowsOf(...byName, '--top', '1')).toEqual([['Ann', 2]]);
    expect(await rowsOf(...byName, '--top', '1', '--others')).toEqual([
      ['Ann', 0, 2],
      [null, 1, 1],
    ]);
    const page = ['--dimension', 'customers.name', '--limit', '1', '--offset', '1', '--execute', '--count', '--json'];
    const second = JSON.parse(await output(['sl', 'query', ...page]));
    expect(second.result).toMatchObject({ rows: [['Cy']], truncated: true, truncatedBy: 'limit' });
    expect(second.totalRows).toBe(3);
    const explained = await output(['sl', 'explain', ...byName]);
    expect(explained).toMatch(
      /^Sources\n {2}.*orders.*\nFacts\n {2}orders: count, grouped by name\n {4}orders → customers finds /,
    );
    expect(explained).toMatch(/\nSQL\nSELECT/);
    await writeFile(metrics, 'metrics: [{ name: more_items }]\n');
    expect(await failure('sl', 'query', '--measure', 'more_items')).toMatch(
      /^Error: semantic-layer\/metrics\.yaml:1:\d+: metrics\[0\]: the key expr is missing/,
    );
  });

  it('reads a query from a file and from standard input', async () => {
    await output(['scan', 'warehouse']);
    await output(['sl', 'generate']);
    const query = 'measures: [{ expr: count(orders.order_id), name: n }]\ndimensions: [orders.status]\n';
    await writeFile(join(cwd, 'q.yaml'), query);
    const expected = 'status,n\nopen,1\npaid,2\n';
    const flags = ['--execute', '--format', 'csv'];
    expect(await output(['sl', 'query', '--query-file', 'q.yaml', ...flags])).toBe(expected);
    const json = '{"measures":[{"expr":"count(orders.order_id)","name":"n"}],"dimensions":["orders.status"]}';
    expect(await output(['sl', 'query', '--query-file', '-', ...flags], json)).toBe(expected);
    await writeFile(join(cwd, 'wrong.yaml'), 'mesures: [orders.count]\n');
    expect(await failure('sl', 'query', '--query-file', 'wrong.yaml')).toMatch(/^Error: .*mesures.*measures/);
  });
});

describe.runIf(process.platform === 'linux')('output of rows', () => {
  beforeEach(async () => {
    cwd = await temporaryDir();
    env = {};
    await createSqlite();
  });

  const many = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90000) SELECT i FROM n';
  const shell = (redirection: string) =>
    start(
      'sh',
      ['-c', `"$0" "$1" sql "$2" --max-rows 90000 --format csv ${redirection}`, process.execPath, ktxPath, many],
      {
        cwd,
      },
    ).finished;
  const ktxPath = join(import.meta.dirname, '..', '..', 'dist', 'ktx.js');

  it('fails with one message on a full disk', async () => {
    const { code, stderr } = await shell('> /dev/full');
    expect(code).toBe(1);
    expect(stderr).toMatch(/Error: Cannot write to standard output: .*ENOSPC.*\nNext: .*\n$/);
    expect(stderr).not.toContain('    at ');
  });

  it('ends quietly when the reader closes the pipe', async () => {
    const { stdout, stderr } = await shell('| head -n 2');
    expect(stdout).toBe('i\n1\n');
    expect(stderr).toBe('Querying warehouse\n');
  });
});
