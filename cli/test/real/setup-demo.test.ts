import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ktx, PACKAGE_DIR, temporaryDir } from '../support/ktx.js';
import { runSqlite, selectFromSqlite } from '../support/shop.js';

/** Reference query: each measure is aggregated separately, without a fan-out. */
const EXPECTED_ROWS = `
  WITH kept AS (SELECT segment, order_id FROM orders JOIN customers USING (customer_id) WHERE status <> 'returned'),
    bought AS (SELECT segment, sum(quantity * unit_price) AS revenue FROM order_items JOIN kept USING (order_id) GROUP BY 1)
  SELECT segment, revenue, (SELECT count(*) FROM kept WHERE kept.segment = bought.segment) FROM bought ORDER BY 2 DESC`;

describe('ktx setup demo', () => {
  it('runs on the sample warehouse, and reports no changes on the second run', async () => {
    const cwd = await temporaryDir();
    const first = await ktx(['setup', 'demo', '--yes'], { cwd });
    expect(first.stderr).not.toContain('Error');
    expect(first.code).toBe(0);
    expect(first.stdout).toContain(`The project is in ${join(cwd, 'ktx-demo')}`);
    expect(first.stdout).toMatch(/Scanned warehouse in .+\n\+\d+ added/);
    expect(first.stdout).toMatch(/orders +public\.orders +postgres +public\.orders\n/);
    expect(first.stdout).toMatch(/tenant_orders .+ unresolved: a template that Looker fills in\n/);
    expect(first.stdout).toMatch(/top_customers .+ unresolved: a derived table\n/);
    expect(first.stdout).toContain('One template: orders of March and orders of June\n');
    expect(first.stdout).toMatch(
      /\nsegment +revenue +orders\nconsumer +21403\.50 +103\nbusiness +10228\.31 +52\nreseller +8495\.10 +45\n\(3 rows\)\n/,
    );
    expect(first.stdout).toMatch(/What to try next\n {2}cd ktx-demo +/);

    const second = await ktx(['setup', 'demo', '--no-input'], { cwd });
    expect(second.code).toBe(0);
    expect(second.stdout).toMatch(/Nothing changed since the last scan: all \d+ unchanged\n/);
  });

  it('prints the same as JSON', async () => {
    const cwd = await temporaryDir();
    const { stdout } = await ktx(['setup', 'demo', '--project-dir', 'a shop', '--json'], { cwd });
    const { projectDir, scan, lookerTables, queries, generation, answer } = JSON.parse(stdout);
    expect(generation.sources.map(({ action }: { action: string }) => action)).toEqual(Array(8).fill('created'));
    const warehouse = join(projectDir, 'demo-warehouse.sqlite');
    expect(answer.result.rows).toEqual(selectFromSqlite(warehouse, EXPECTED_ROWS));
    expect(projectDir).toBe(join(cwd, 'a shop'));
    expect(scan.report.diffSummary.added).toBeGreaterThanOrEqual(8);
    expect(lookerTables.map(({ key, result }: { key: string; result: { ok: boolean } }) => [key, result.ok])).toEqual([
      ['orders', true],
      ['customers', true],
      ['products', true],
      ['tenant_orders', false],
      ['sales_mart', false],
      ['top_customers', false],
    ]);
    const [march, june, best] = queries.map(({ fingerprint }: { fingerprint: string }) => fingerprint);
    expect(march).toBe(june);
    expect(best).not.toBe(march);
    expect(queries[2].tablesTouched).toEqual(['orders', 'order_items', 'customers']);
  });

  it('leaves a modified warehouse unchanged, and reports the changes', async () => {
    const cwd = await temporaryDir();
    await ktx(['setup', 'demo', '--project-dir', '.'], { cwd });
    runSqlite(join(cwd, 'demo-warehouse.sqlite'), 'CREATE TABLE returns (order_id INTEGER REFERENCES orders)');
    const { code, stdout } = await ktx(['setup', 'demo', '--project-dir', '.'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/\+1 added[\s\S]*\+ .*returns/);
  });

  it.each([
    ['KTX_DAEMON_URL', 'not a url'],
    ['KTX_SQL_ANALYSIS_URL', 'ftp://127.0.0.1/'],
  ])('rejects %s = %s before anything is created', async (name, value) => {
    const cwd = await temporaryDir();
    const { code, stdout, stderr } = await ktx(['setup', 'demo', '--yes'], { cwd, env: { [name]: value } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^Error: ${name} is not an http or https URL\\nNext: .+\\n$`));
    expect(await readdir(cwd)).toEqual([]);
  });

  it('creates nothing if the runtime is missing and may not be installed', async () => {
    const cwd = await temporaryDir();
    const env = { KTX_RUNTIME_ROOT: join(cwd, 'no runtime') };
    const { code, stderr } = await ktx(['setup', 'demo', '--no-input'], { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toContain('Run: ktx runtime install --yes');
    expect(await readdir(cwd)).not.toContain('ktx-demo');
  });
});

describe('the sample warehouse', () => {
  it('is small enough to ship', async () => {
    const { size } = await stat(join(PACKAGE_DIR, 'cli', 'assets', 'demo-warehouse.sqlite'));
    expect(size).toBeLessThan(100_000);
  });

  it('ships with the package', async () => {
    const { files } = JSON.parse(await readFile(join(PACKAGE_DIR, 'package.json'), 'utf8'));
    expect(files).toContain('cli/assets');
  });
});
