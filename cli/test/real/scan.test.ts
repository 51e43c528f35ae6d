import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { allocateDaemonPort, runLocalScan } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { ktx, startKtx, temporaryDir } from '../support/ktx.js';
import { createDatabase } from '../support/postgres.js';
import { runSqlite, writeProject, writeShop } from '../support/shop.js';
import { startSilentServer } from '../support/silent-server.js';

/** Contents of every file below a folder, by path. */
async function readFiles(dir: string): Promise<Map<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8')] as const)));
}

describe('ktx scan of a SQLite file', () => {
  it('stages a file for each table, and reports changes', async () => {
    const cwd = await temporaryDir();
    const shop = await writeShop(cwd);
    const first = await ktx(['scan', 'local'], { cwd });
    expect(first.stderr).not.toContain('Error');
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^Scanned local in .+\n\+\d+ added {2}~0 modified {2}-0 deleted {2}=0 unchanged\n/);
    const staged = [...(await readFiles(join(cwd, 'raw-sources'))).keys()].filter((path) => /tables/.test(path));
    expect(staged).toHaveLength(3);

    const second = await ktx(['scan', 'local'], { cwd });
    expect(second.stdout).toMatch(/Nothing changed since the last scan: all \d+ unchanged\n/);

    runSqlite(shop, 'ALTER TABLE customers ADD COLUMN email TEXT; DROP VIEW big_orders; CREATE TABLE stores (id INT);');
    const third = JSON.parse((await ktx(['scan', 'local', '--json'], { cwd })).stdout);
    expect(third.report.changes.added.join()).toContain('stores');
    expect(third.report.changes.modified.join()).toContain('customers');
    expect(third.report.changes.deleted.join()).toContain('big_orders');
    expect(third.report.diffSummary).toMatchObject({ added: 1, deleted: 1 });
  });

  it('reports changes on a dry run, and stages nothing', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const dry = await ktx(['scan', 'local', '--dry-run'], { cwd });
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain('Dry run: nothing was staged\n');
    expect(await readdir(cwd)).not.toContain('raw-sources');
    expect((await ktx(['scan', 'local'], { cwd })).stdout).toMatch(/\n\+\d+ added/);
  });

  it('lists recorded runs, and prints their status and report', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    expect((await ktx(['scan', 'status'], { cwd })).stdout).toBe('No scans yet: start one with ktx scan ID\n');
    const { runId, report } = JSON.parse((await ktx(['scan', 'local', '--json'], { cwd })).stdout);
    const runs = await ktx(['scan', 'status'], { cwd });
    expect(runs.stdout).toMatch(/^RUN +CONNECTION +STATUS +STARTED +TOOK +CHANGES\n/);
    expect(runs.stdout).toContain(runId);
    expect((await ktx(['scan', 'status', runId], { cwd })).stdout).toMatch(/Status +done\n/);
    expect((await ktx(['scan', 'report', runId], { cwd })).stdout).toContain(report.changes.added[0]);
    expect(JSON.parse((await ktx(['dev', 'scan', 'report', runId, '--json'], { cwd })).stdout)).toEqual(report);
  });

  it('reports an unknown run', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const { code, stderr, stdout } = await ktx(['scan', 'report', 'run-nowhere', '--json'], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error.code).toBe('KTX_RUN_UNKNOWN');
    expect(stderr).toMatch(/^Error: .*run-nowhere.*\nNext: .*ktx scan status\n/m);
  });

  it('reports a missing file, and creates no folder', async () => {
    const cwd = await temporaryDir();
    await writeProject(cwd, '  local: { driver: sqlite, path: ./nowhere.db, readonly: true }\n');
    const { code, stderr } = await ktx(['scan', 'local'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: .*nowhere\.db.*\n/m);
    expect(await readdir(cwd)).not.toContain('raw-sources');
    expect(await readdir(cwd)).not.toContain('nowhere.db');
  });

  it('requires readonly: true', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    await writeProject(cwd, '  local: { driver: sqlite, path: ./shop.db }\n');
    const { code, stderr } = await ktx(['scan', 'local'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: .*\nNext: .*readonly: true.*\n/m);
  });

  it('does not start if the runtime is missing and may not be installed', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const env = { KTX_RUNTIME_ROOT: join(cwd, 'no runtime') };
    for (const flags of [['--no-input'], []]) {
      const { code, stderr, stdout } = await ktx(['scan', 'local', ...flags], { cwd, env });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('Run: ktx runtime install --yes');
      expect(await readdir(cwd)).not.toContain('raw-sources');
    }
  });

  it('reports a daemon URL without a server', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const host = `127.0.0.1:${await allocateDaemonPort()}`;
    const { code, stderr } = await ktx(['scan', 'local', '--database-introspection-url', `http://${host}`], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^Error: .*${host}.*\\nNext: Check the URL`, 'm'));
    expect(await readdir(cwd)).not.toContain('raw-sources');
  });
});

describe('a scan of a host without a daemon', () => {
  it('uses a one-shot command, and reports the required option if there is none', async () => {
    const projectDir = await temporaryDir();
    await writeShop(projectDir);
    const scanWith = (path: string) =>
      runLocalScan({ projectDir, connectionId: 'local', env: { ...process.env, PATH: path } });
    await expect(scanWith(projectDir)).rejects.toMatchObject({
      code: 'KTX_RUNTIME_REQUIRED',
      message: expect.stringMatching(/^ktx-daemon could not be started: /),
      hint: expect.stringMatching(/^Pass managedDaemon: /),
    });
    const { manifest } = JSON.parse((await ktx(['runtime', 'status', '--json'])).stdout);
    const { report } = await scanWith(dirname(manifest.python.daemonExecutable));
    expect(report.diffSummary).toEqual({ added: 3, modified: 0, deleted: 0, unchanged: 0 });
    expect((await ktx(['scan', 'local'], { cwd: projectDir })).stdout).toContain('all 3 unchanged');
  });
});

describe('ktx scan of PostgreSQL', () => {
  it('reads it through the managed daemon, without leaking the password', async () => {
    const cwd = await temporaryDir();
    const database = await createDatabase();
    await database.execute(
      'CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL)',
      'CREATE SCHEMA sales',
      'CREATE TABLE sales."Größe" (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers)',
    );
    const env = { WAREHOUSE_URL: database.url };
    await writeProject(cwd, '  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }\n');
    const first = await ktx(['scan', 'warehouse', '--json'], { cwd, env });
    expect(first.stderr).not.toContain('Error');
    expect(first.code).toBe(0);
    const added = JSON.parse(first.stdout).report.changes.added.join();
    expect(added).toContain('customers');
    expect(added).toContain('Größe');

    const second = await ktx(['scan', 'warehouse'], { cwd, env });
    expect(second.stdout).toMatch(/Nothing changed since the last scan: all \d+ unchanged\n/);

    await database.execute('ALTER TABLE customers ADD COLUMN email text');
    const third = await ktx(['scan', 'warehouse'], { cwd, env });
    expect(third.stdout).toMatch(/\+0 added {2}~1 modified {2}-0 deleted[\s\S]*~ .*customers/);

    const printed = [first, second, third].flatMap(({ stdout, stderr }) => [stdout, stderr]);
    const texts = [...(await readFiles(cwd)).values(), ...printed];
    expect(texts.filter((text) => text.includes(database.password))).toEqual([]);
  });

  it('reports a wrong password without the password', async () => {
    const cwd = await temporaryDir();
    const wrong = new URL((await createDatabase()).url);
    wrong.password = 'not-the-password';
    await writeProject(cwd, '  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }\n');
    const { code, stdout, stderr } = await ktx(['scan', 'warehouse'], { cwd, env: { WAREHOUSE_URL: wrong.href } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Error: .*refused the login.*\nNext: /m);
    expect(stderr).not.toContain('not-the-password');
  });

  it('exits with 130 when interrupted, stages nothing and records the run', async () => {
    const cwd = await temporaryDir();
    const { port, connected } = await startSilentServer();
    await writeProject(cwd, `  mute: { driver: postgres, url: "postgres://u@127.0.0.1:${port}/db", readonly: true }\n`);
    const scan = startKtx(['scan', 'mute'], { cwd });
    await connected;
    scan.child.kill('SIGINT');
    expect(await scan.finished).toMatchObject({ code: 130, stdout: '' });
    expect(await readdir(cwd)).not.toContain('raw-sources');
    const [run] = JSON.parse((await ktx(['scan', 'status', '--json'], { cwd })).stdout).runs;
    expect(run).toMatchObject({ connectionId: 'mute', status: 'failed', error: expect.stringMatching(/interrupted/i) });
  });

  it('reports the variable of a missing secret', async () => {
    const cwd = await temporaryDir();
    await writeProject(cwd, '  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }\n');
    const { code, stderr } = await ktx(['scan', 'warehouse'], { cwd, env: { WAREHOUSE_URL: undefined } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: .*env:WAREHOUSE_URL.*\nNext: Set it/m);
  });
});
