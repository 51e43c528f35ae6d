import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KtxRelationshipList } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { ktx, temporaryDir } from '../support/ktx.js';
import { runSqlite, writeProject } from '../support/shop.js';
import { postgresShop, sqliteShop } from '../support/shops.js';

/** Two tables without declared keys: 40 customers with codes, and 200 orders of 37 of them. */
const SHOP = [
  'CREATE TABLE customers (customer_id integer, code varchar(20), name varchar(40))',
  'CREATE TABLE orders (order_id integer, customer_id integer, customer_code varchar(20), amount integer)',
  `INSERT INTO customers VALUES ${rows(40, (n) => `(${1000 + n * 7}, '${code(n)}', 'name ${n % 30}')`)}`,
  `INSERT INTO orders VALUES ${rows(200, (n) => `(${n}, ${1000 + (n % 37) * 7}, '${code(n % 37)}', ${(n * 13) % 90})`)}`,
];

function rows(count: number, row: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => row(n)).join(', ');
}

function code(n: number): string {
  return `K-${((n + 1) * 7919) % 10007}-${n % 3}`;
}

async function list(options: Parameters<typeof ktx>[1], ...flags: string[]): Promise<KtxRelationshipList> {
  const { code, stdout, stderr } = await ktx(['relationships', 'list', '--json', ...flags], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** The status of the relationship of the column `customer_id`. */
function statusOf({ relationships }: KtxRelationshipList) {
  return relationships.find(({ from }) => from.columns.join() === 'customer_id')?.status;
}

describe.each([
  ['SQLite', sqliteShop],
  ['PostgreSQL', postgresShop],
])('ktx scan --relationships of %s', (_, createShop) => {
  it('finds keys and relationships, and remembers the answers about them', async () => {
    const options = await createShop(SHOP);
    const scan = await ktx(['scan', 'shop', '--relationships', '--json'], options);
    expect(scan.code).toBe(0);
    const { mode, report } = JSON.parse(scan.stdout);
    expect(mode).toBe('relationships');
    expect(report.relationships).toMatchObject({ rejected: 0 });

    const found = await list(options);
    const link = found.relationships.find(({ from }) => from.columns.join() === 'customer_id');
    expect(link).toMatchObject({
      from: { table: expect.stringMatching(/\.orders$/) },
      to: { table: expect.stringMatching(/\.customers$/), columns: ['customer_id'] },
      ...{ status: 'accepted', cardinality: 'many_to_one', declared: false },
      evidence: expect.arrayContaining([expect.objectContaining({ kind: 'inclusion', value: 1 })]),
    });
    const keys = found.keys.filter(({ status }) => status === 'accepted').map(({ columns }) => columns.join());
    expect(keys).toEqual(expect.arrayContaining(['customer_id', 'order_id']));

    const rejected = await ktx(['relationships', 'reject', 'orders.customer_id', 'customers(customer_id)'], options);
    expect(rejected.stdout).toMatch(
      /^Rejected \w+\.orders\.customer_id → \w+\.customers\.customer_id in relationships\/shop\.yaml\n$/,
    );
    expect(statusOf(await list(options))).toBe('rejected');
    expect((await ktx(['scan', 'shop', '--relationships'], options)).stdout).toMatch(/\nRelationships .* 1 rejected; /);
    expect(statusOf(await list(options, '--status', 'rejected'))).toBe('rejected');

    expect((await ktx(['relationships', 'accept', 'orders.customer_id', 'customers.customer_id'], options)).code).toBe(
      0,
    );
    expect(statusOf(await list(options))).toBe('accepted');
    const text = await readFile(join(options.cwd, 'relationships', 'shop.yaml'), 'utf8');
    expect(text.match(/status:/g)).toHaveLength(1);
    expect((await ktx(['relationships', 'list'], options)).stdout).toMatch(
      /^STATUS +FROM +TO +CARDINALITY +SCORE +EVIDENCE\n/,
    );
  });
});

/** Visits whose column `w` has serial numbers that another table has as well, and a view that joins it. */
const VISITS = [
  'CREATE TABLE members (id integer, label varchar(20))',
  'CREATE TABLE rooms (id integer, label varchar(20))',
  'CREATE TABLE visits (visit integer, w integer, minutes integer)',
  `INSERT INTO members VALUES ${rows(50, (n) => `(${n + 1}, 'm ${n % 40}')`)}`,
  `INSERT INTO rooms VALUES ${rows(60, (n) => `(${n + 1}, 'r ${n % 40}')`)}`,
  `INSERT INTO visits VALUES ${rows(200, (n) => `(${n + 1}, ${(n % 45) + 1}, ${n % 90})`)}`,
];
const VIEW = 'CREATE VIEW visit_labels AS SELECT v.minutes, m.label FROM visits v JOIN members m ON m.id = v.w';

describe('a join that a view has', () => {
  it('decides about columns whose names and values say nothing', async () => {
    const cwd = await temporaryDir();
    const database = join(cwd, 'shop.db');
    runSqlite(database, VISITS.join(';'));
    await writeProject(cwd, '  shop: { driver: sqlite, path: ./shop.db, readonly: true }\n');
    const visits = ({ relationships }: KtxRelationshipList) =>
      relationships.filter(({ from, status }) => from.columns.join() === 'w' && status === 'accepted');

    expect((await ktx(['scan', 'shop', '--relationships'], { cwd })).code).toBe(0);
    expect(visits(await list({ cwd }))).toEqual([]);
    runSqlite(database, VIEW);
    expect((await ktx(['scan', 'shop', '--relationships'], { cwd })).code).toBe(0);
    expect(visits(await list({ cwd }))).toEqual([
      expect.objectContaining({
        to: { table: 'main.members', columns: ['id'] },
        evidence: expect.arrayContaining([expect.objectContaining({ kind: 'written' })]),
      }),
    ]);

    expect((await ktx(['sl', 'generate'], { cwd })).code).toBe(0);
    const source = await readFile(join(cwd, 'semantic-layer', 'shop', 'visits.yaml'), 'utf8');
    expect(source).toContain('on: w = members.id');
    expect(source).toContain('grain:\n  - visit\n');
    expect(source).toContain('sum(minutes)');
    expect(source).not.toContain('sum(w)');
  });
});

/** A staged explore of the visits and their members. */
const EXPLORE = {
  ...{ name: 'visits', model_name: 'club', description: 'Visits of members, one row each' },
  joins: [{ name: 'members', relationship: 'many_to_one', sql_on: `\${visits.member} = \${members.id}` }],
  fields: {
    dimensions: [
      { name: 'visits.member', type: 'number', sql: `\${TABLE}.w `, description: 'Who came' },
      { name: 'members.id', type: 'number', sql: `\${TABLE}."id"` },
    ],
  },
  physicalTables: ['visits', 'members'].map((name) => ({
    ...{ view: name, alias: name, ok: true, catalog: null, schema: null, name, connection: 'shop' },
  })),
};

describe('an ingested explore', () => {
  it('decides about its joins, and describes its tables and columns', async () => {
    const cwd = await temporaryDir();
    runSqlite(join(cwd, 'shop.db'), VISITS.join(';'));
    const looker = 'driver: looker, base_url: "https://looker.example", client_id: env:ID, client_secret: env:SECRET';
    await writeProject(cwd, `  shop: { driver: sqlite, path: ./shop.db, readonly: true }\n  bi: { ${looker} }\n`);
    await mkdir(join(cwd, 'staged', 'explores'), { recursive: true });
    await writeFile(join(cwd, 'staged', 'explores', 'club.visits.json'), JSON.stringify(EXPLORE));
    const ingest = ['ingest', 'run', '--connection-id', 'bi', '--adapter', 'looker', '--source-dir', 'staged'];
    expect(await ktx(ingest, { cwd })).toMatchObject({ code: 0 });

    expect((await ktx(['scan', 'shop', '--relationships'], { cwd })).code).toBe(0);
    const { relationships } = await list({ cwd });
    expect(relationships.find(({ from }) => from.columns.join() === 'w')).toMatchObject({
      ...{ status: 'accepted', to: { table: 'main.members', columns: ['id'] } },
      evidence: expect.arrayContaining([expect.objectContaining({ text: 'Joined in 1 imported model' })]),
    });
    expect((await ktx(['relationships', 'reject', '"main"."visits"."w"', '`members`.`id`'], { cwd })).stdout).toContain(
      'Rejected main.visits.w → main.members.id',
    );
    expect((await ktx(['sl', 'generate'], { cwd })).code).toBe(0);
    const source = await readFile(join(cwd, 'semantic-layer', 'shop', 'visits.yaml'), 'utf8');
    expect(source).toContain('description: Visits of members, one row each\n');
    expect(source).toContain('description: Who came\n');
    expect((await ktx(['table', '"main"."visits"'], { cwd })).code).toBe(0);
  });
});

describe('ktx relationships', () => {
  it('names the scan that is missing, and columns that are', async () => {
    const options = await sqliteShop(SHOP);
    await ktx(['scan', 'shop', '--profile'], options);
    const none = await ktx(['relationships', 'list'], options);
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Next: Detect them with: ktx scan shop --relationships\n'),
    });
    for (const args of [
      ['orders', 'customers.customer_id'],
      ['orders.nope'],
      ['orders(order_id, amount)', 'customers.code'],
    ]) {
      const { code, stderr } = await ktx(['relationships', 'accept', ...args], options);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^Error: .*\nNext: /) });
    }
    expect(await readdir(options.cwd)).not.toContain('relationships');
  });
});
