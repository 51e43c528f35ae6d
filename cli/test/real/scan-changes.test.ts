import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KtxRunReport, KtxTableChange } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { ktx, temporaryDir } from '../support/ktx.js';
import { createDatabase } from '../support/postgres.js';
import { runSqlite, writeProject, writeShop } from '../support/shop.js';

async function report(cwd: string, id: string): Promise<KtxRunReport> {
  const { stdout, stderr, code } = await ktx(['scan', id, '--json'], { cwd });
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).report;
}

function texts({ details = {} }: KtxRunReport): Record<string, string[]> {
  const lines = (changes: KtxTableChange[]) => changes.map(({ text }) => text);
  return Object.fromEntries(Object.entries(details).map(([table, changes]) => [table, lines(changes)]));
}

function syncs(cwd: string, id: string): Promise<string[]> {
  return readdir(join(cwd, 'raw-sources', id, 'live-database'));
}

describe('ktx scan after changes of a PostgreSQL database', () => {
  it('reports each kind of change', async () => {
    const cwd = await temporaryDir();
    const database = await createDatabase();
    await database.execute(`
      CREATE TYPE state AS ENUM ('new', 'done');
      CREATE TABLE customers (id int PRIMARY KEY, phone_no text, status state, cost numeric(10, 2), fax text);
      CREATE TABLE lines (id int, customer int, day date);
      CREATE VIEW big AS SELECT id FROM customers WHERE cost > 10;
    `);
    await writeProject(cwd, `  shop: { driver: postgres, url: '${database.url}', readonly: true }\n`);
    await report(cwd, 'shop');
    await database.execute(
      "ALTER TYPE state ADD VALUE 'refunded'",
      `
      ALTER TABLE customers RENAME phone_no TO phone;
      ALTER TABLE customers DROP COLUMN fax;
      ALTER TABLE customers ALTER cost SET NOT NULL, ALTER cost SET DEFAULT 0;
      ALTER TABLE customers ADD CHECK (cost >= 0), ADD made date;
      ALTER TABLE lines RENAME TO order_lines;
      CREATE UNIQUE INDEX by_day ON order_lines (day, id);
      ALTER TABLE order_lines ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers;
      CREATE OR REPLACE VIEW big AS SELECT id FROM customers WHERE cost > 20;
    `,
    );
    const second = await report(cwd, 'shop');
    expect(second.changes.modified).toEqual(['public.big', 'public.customers']);
    expect(texts(second)).toEqual({
      'public.big': ['~ definition'],
      'public.customers': [
        '+ phone text',
        '~ status: labels + refunded',
        '~ cost: nullable yes → no',
        '~ cost: default none → 0',
        '+ made date',
        '- phone_no',
        '- fax',
        'rename? phone_no → phone (same type and position)',
        '+ check customers_cost_check (cost >= (0)::numeric)',
      ],
      'public.order_lines': ['rename? public.lines → public.order_lines (same columns)'],
    });
    const shown = await ktx(['table', 'big'], { cwd });
    expect(shown.stdout).toMatch(/\nDefinition\n +SELECT customers\.id\n/);
    expect((await report(cwd, 'shop')).details).toBeUndefined();
    expect(await syncs(cwd, 'shop')).toHaveLength(2);
  });
});

describe('ktx scan after changes of a SQLite file', () => {
  it('shows the changes and what they affect, and keeps a sync without a difference', async () => {
    const cwd = await temporaryDir();
    const shop = await writeShop(cwd);
    await report(cwd, 'local');
    expect((await ktx(['sl', 'generate'], { cwd })).code).toBe(0);
    const first = await syncs(cwd, 'local');
    expect((await report(cwd, 'local')).syncId).toBe(first[0]);
    expect(await syncs(cwd, 'local')).toEqual(first);

    runSqlite(shop, 'ALTER TABLE customers RENAME COLUMN name TO full_name; DROP VIEW big_orders;');
    const { stdout } = await ktx(['scan', 'local'], { cwd });
    expect(stdout).toContain('    - name (affects source customers)\n');
    expect(stdout).toContain('    rename? name → full_name (same type and position) (affects source customers)\n');
    const { details } = JSON.parse((await ktx(['scan', 'report', 'latest', '--json'], { cwd })).stdout);
    expect(details['main.big_orders']).toMatchObject([
      { kind: 'removed', affects: ['source big_orders', 'measure big_orders.count'] },
    ]);
  });

  it('works without the runs of another machine', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    await report(cwd, 'local');
    await rm(join(cwd, '.ktx'), { recursive: true });
    expect((await report(cwd, 'local')).diffSummary).toMatchObject({ added: 3, unchanged: 0 });
  });
});

describe('ktx scan prune', () => {
  it('removes old scans, and says how many', async () => {
    const cwd = await temporaryDir();
    const shop = await writeShop(cwd);
    for (const column of ['a', 'b', 'c']) {
      runSqlite(shop, `ALTER TABLE customers ADD COLUMN ${column} TEXT`);
      await report(cwd, 'local');
    }
    const all = (await syncs(cwd, 'local')).sort();
    const refused = await ktx(['scan', 'prune', '--keep', '1'], { cwd });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'Refusing to prune without --yes. Preview with: ktx scan prune --keep 1 --dry-run',
    );
    const planned = await ktx(['scan', 'prune', '--keep', '2', '--dry-run'], { cwd });
    expect(planned.stdout).toMatch(/^Would remove 1 scan, [\d.]+ KiB; 2 kept:\n {2}local \w+-\w+\n$/);
    expect(await syncs(cwd, 'local')).toHaveLength(3);
    const pruned = await ktx(['scan', 'prune', 'local', '--keep', '2', '--yes', '--json'], { cwd });
    expect(JSON.parse(pruned.stdout)).toMatchObject({ removed: [{ syncId: all[0] }], kept: 2, dryRun: false });
    expect((await syncs(cwd, 'local')).sort()).toEqual(all.slice(1));
    expect((await report(cwd, 'local')).diffSummary.unchanged).toBe(3);
    expect((await ktx(['scan', 'prune', '--keep', '2', '--yes'], { cwd })).stdout).toBe(
      'Nothing to remove: 2 scans kept\n',
    );
    expect((await ktx(['scan', 'prune', '--keep', '0', '--yes'], { cwd })).code).toBe(1);
  });
});
