import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ktx, type RunningProcess, startKtx, temporaryDir } from '../support/ktx.js';
import { lookerConnection, startFakeLooker } from '../support/looker.js';
import { startMcpSession } from '../support/mcp.js';
import { createDatabase } from '../support/postgres.js';
import { runSqlite, writeProject, writeShop } from '../support/shop.js';
import { startSilentServer } from '../support/silent-server.js';

const RUN = ['ingest', 'run', '--connection-id', 'local', '--adapter', 'live-database'];

describe('ktx ingest run', () => {
  it('stages a source, reports changes, and shares its runs with scans', async () => {
    const cwd = await temporaryDir();
    const shop = await writeShop(cwd);
    expect((await ktx(['ingest', 'status'], { cwd })).stdout).toMatch(/^No runs yet: start one with ktx ingest run /);

    const first = await ktx(RUN, { cwd });
    expect(first.stderr).not.toContain('Error');
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^Ingested local with live-database in .+\n\+3 added/);
    expect((await ktx(['dev', ...RUN], { cwd })).stdout).toMatch(
      /Nothing changed since the last sync: all 3 unchanged/,
    );
    expect((await ktx(['scan', 'local'], { cwd })).stdout).toMatch(/Nothing changed since the last scan/);

    runSqlite(shop, 'CREATE TABLE stores (id INT)');
    const { runId, jobId, report } = JSON.parse((await ktx([...RUN, '--json'], { cwd })).stdout);
    expect(jobId).toEqual(expect.any(String));
    expect(report.diffSummary).toEqual({ added: 1, modified: 0, deleted: 0, unchanged: 3 });
    const runs = await ktx(['ingest', 'status'], { cwd });
    expect(runs.stdout).toMatch(/^RUN +CONNECTION +ADAPTER +STATUS +STARTED +TOOK +CHANGES\n/);
    expect(runs.stdout.match(/live-database/g)).toHaveLength(4);
    expect((await ktx(['ingest', 'status', runId], { cwd })).stdout).toMatch(/Status +done\n/);
    expect((await ktx(['ingest', 'report', runId], { cwd })).stdout).toContain('stores');
    expect(JSON.parse((await ktx(['ingest', 'report', runId, '--json'], { cwd })).stdout)).toEqual(report);
  });

  it('reads files staged earlier instead of pulling the source', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const { syncId } = JSON.parse((await ktx([...RUN, '--json'], { cwd })).stdout);
    const sourceDir = join('raw-sources', 'local', 'live-database', syncId);
    const env = { KTX_RUNTIME_ROOT: join(cwd, 'no runtime') };
    const again = await ktx([...RUN, '--source-dir', sourceDir, '--no-input'], { cwd, env });
    expect(again.stdout).toMatch(/Nothing changed since the last sync: all 3 unchanged/);
  });

  it('reports a missing extension or permission of PostgreSQL with the next step', async () => {
    const cwd = await temporaryDir();
    const database = await createDatabase();
    const role = `ktx_reader_${process.pid}`;
    await database.execute('CREATE TABLE orders (id int)', `CREATE ROLE ${role} LOGIN PASSWORD 'hunter2'`);
    onTestFinished(() => database.execute(`DROP ROLE ${role}`));
    const connection = 'driver: postgres, url: env:WAREHOUSE_URL, readonly: true, historicSql: { enabled: true }';
    await writeProject(cwd, `  warehouse: { ${connection} }\n`);
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'hunter2'];
    const failing = async (change: Partial<URL> = {}) => {
      const env = { WAREHOUSE_URL: Object.assign(new URL(url), change).href };
      const run = ['ingest', 'run', '--connection-id', 'warehouse', '--adapter', 'historic-sql'];
      const { code, stdout, stderr } = await ktx(run, { cwd, env });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).not.toMatch(/hunter\d/);
      return stderr;
    };
    expect(await failing()).toContain(
      'Error: The database of the connection warehouse has no pg_stat_statements\n' +
        'Next: Let an administrator add it to ' +
        'shared_preload_libraries, restart the server, and run in this database: CREATE EXTENSION pg_stat_statements\n',
    );
    await database.execute('CREATE EXTENSION pg_stat_statements', 'SELECT id FROM orders');
    expect(await failing()).toContain(
      'Error: The user of the connection warehouse may not see the statements of others\n' +
        'Next: Let an administrator run: ' +
        `GRANT pg_read_all_stats TO "${role}"\n`,
    );
    const server = `PostgreSQL at 127.0.0.1:${url.port}${url.pathname}`;
    expect(await failing({ password: 'hunter3' })).toContain(
      `Error: Cannot read the connection warehouse: ${server} refused the login of user '${role}'\n`,
    );
    expect(await failing({ search: '?sslmode=verify-full' })).toContain(
      `Error: Cannot read the connection warehouse: ${server} does not offer TLS, which sslmode requires\n`,
    );
    expect(await failing({ port: '1' })).toMatch(
      /Error: Cannot read the connection warehouse: PostgreSQL at 127\.0\.0\.1:1\S+ cannot be reached: /,
    );
    const { runs } = JSON.parse((await ktx(['ingest', 'status', '--json'], { cwd })).stdout);
    expect(runs.map(({ status }: { status: string }) => status)).toEqual(Array(5).fill('failed'));
    expect(await readdir(cwd)).not.toContain('raw-sources');
  });

  it.each([
    ['KTX_ADAPTER_UNKNOWN', ['--connection-id', 'local', '--adapter', 'live-databse'], 'live-database'],
    ['KTX_CONNECTION_UNKNOWN', ['--connection-id', 'locl', '--adapter', 'live-database'], 'local'],
    ['KTX_SOURCE_DIR_INVALID', [...RUN.slice(2), '--source-dir', 'nowhere'], 'nowhere'],
    ['KTX_RUNTIME_POLICY', [...RUN.slice(2), '--yes', '--no-input'], 'Choose only one runtime install mode'],
  ])('rejects with %s, suggests a fix and stages nothing: %j', async (code, flags, suggestion) => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const refused = await ktx(['ingest', 'run', ...flags, '--json'], { cwd });
    expect(JSON.parse(refused.stdout)).toEqual({
      error: { code, message: expect.stringContaining(suggestion), hint: expect.any(String) },
    });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^Error: /m);
    expect(await readdir(cwd)).not.toContain('raw-sources');
  });

  it('does not start if the runtime is missing and may not be installed', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const env = { KTX_RUNTIME_ROOT: join(cwd, 'no runtime') };
    const { code, stderr, stdout } = await ktx([...RUN, '--no-input'], { cwd, env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Run: ktx runtime install --yes');
    expect(await readdir(cwd)).not.toContain('raw-sources');
  });

  it('stages tables with any name', async () => {
    const cwd = await temporaryDir();
    const shop = await writeShop(cwd);
    const names = ['../../evil', '/etc/evil', '..', 'a/b', 'new\nline', 'con', 'n'.repeat(300)];
    runSqlite(shop, names.map((name) => `CREATE TABLE "${name}" (id INT);`).join('\n'));
    const { report, syncId } = JSON.parse((await ktx([...RUN, '--json'], { cwd })).stdout);
    expect(report.diffSummary).toEqual({ added: 3 + names.length, modified: 0, deleted: 0, unchanged: 0 });
    const tables = join(cwd, 'raw-sources', 'local', 'live-database', syncId, 'tables');
    const files = await Promise.all((await readdir(tables)).map((file) => readFile(join(tables, file), 'utf8')));
    expect(files.map((text) => JSON.parse(text).name)).toEqual(expect.arrayContaining(names));
    expect((await readdir(cwd)).sort()).toEqual(['.ktx', 'ktx.yaml', 'raw-sources', 'shop.db']);
    expect((await ktx(RUN, { cwd })).stdout).toContain(`all ${3 + names.length} unchanged`);
  });

  it('enables every adapter if ktx.yaml lists none, else only those in the list', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const connections = '\nconnections:\n  local: { driver: sqlite, path: ./shop.db, readonly: true }\n';
    await writeFile(join(cwd, 'ktx.yaml'), `project: shop${connections}`);
    expect((await ktx(RUN, { cwd })).stdout).toContain('+3 added');
    await writeFile(join(cwd, 'ktx.yaml'), `ingest: { adapters: [looker] }${connections}`);
    expect(await ktx(RUN, { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Error: The adapter live-database is not enabled\nNext: Add it to ingest.adapters in ktx.yaml\n',
    });
  });
});

// Windows has no signals between processes.
describe.runIf(process.platform !== 'win32')('Ctrl-C during ktx ingest run', () => {
  /** Interrupts a run, and expects exit code 130, a recorded failure, and no staged files. */
  async function interruptRun(cwd: string, connectionId: string, ingest: RunningProcess): Promise<void> {
    ingest.child.kill('SIGINT');
    const { code, stdout, stderr } = await ingest.finished;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/^Error: Interrupted\n$/m);
    const [run] = JSON.parse((await ktx(['ingest', 'status', '--json'], { cwd })).stdout).runs;
    expect(run).toMatchObject({ connectionId, status: 'failed', error: 'interrupted' });
    expect(await readdir(cwd)).not.toContain('raw-sources');
  }

  const run = (connectionId: string, adapter: string) => [
    'ingest',
    'run',
    '--connection-id',
    connectionId,
    '--adapter',
    adapter,
  ];

  it('ends live-database while the database does not answer', async () => {
    const cwd = await temporaryDir();
    const { port, connected } = await startSilentServer();
    await writeProject(cwd, `  mute: { driver: postgres, url: "postgres://u@127.0.0.1:${port}/db", readonly: true }\n`);
    const ingest = startKtx(run('mute', 'live-database'), { cwd });
    await connected;
    await interruptRun(cwd, 'mute', ingest);
  });

  it('ends looker between two requests', async () => {
    const cwd = await temporaryDir();
    const looker = await startFakeLooker();
    const { yaml, env } = lookerConnection(looker);
    await writeProject(cwd, yaml);
    await looker.control({ hold: '/lookml_models/shop/explores/e30' });
    const ingest = startKtx(run('looker', 'looker'), { cwd, env });
    await looker.holding();
    await interruptRun(cwd, 'looker', ingest);
  });

  it('ends historic-sql during a slow query', async () => {
    const cwd = await temporaryDir();
    const database = await createDatabase();
    // A slow view that shadows the one of the extension.
    await database.execute(
      'CREATE VIEW pg_stat_statements AS SELECT oid AS dbid, 1::int8 AS queryid, pg_sleep(600)::text AS query, ' +
        '1::int8 AS calls, 1::float8 AS total_exec_time, 1::int8 AS rows FROM pg_database',
    );
    await writeProject(
      cwd,
      '  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true, historicSql: { enabled: true } }\n',
    );
    const ingest = startKtx(run('warehouse', 'historic-sql'), { cwd, env: { WAREHOUSE_URL: database.url } });
    await vi.waitUntil(() => ingest.stderr().includes('Reading the statements of warehouse'), { timeout: 60_000 });
    await interruptRun(cwd, 'warehouse', ingest);
  });
});

describe('ingest_run', () => {
  it('stages a source, reads staged files, and rejects an unknown adapter', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const { call, failing } = await startMcpSession({ cwd });
    const ingest = { connectionId: 'local', adapter: 'live-database' };
    const first = (await call('ingest_run', ingest)) as { runId: string; report: { syncId: string } };
    expect(first).toMatchObject({ jobId: expect.any(String), reportId: first.runId });
    expect(await call('run_get', { runId: first.runId })).toMatchObject(first.report as object);
    const sourceDir = `raw-sources/local/live-database/${first.report.syncId}`;
    const again = await call('ingest_run', { ...ingest, sourceDir });
    expect(again).toMatchObject({ report: { diffSummary: { added: 0, unchanged: 3 } } });
    expect(await failing('ingest_run', { ...ingest, adapter: 'loker' })).toMatchObject({ code: 'KTX_ADAPTER_UNKNOWN' });
  });
});

/** Contents of every file below a folder, joined. */
async function readAllFiles(dir: string): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}

describe('ktx ingest run of a source other than a schema', () => {
  it('pulls Looker, warns of unresolved tables, and reports changes', async () => {
    const cwd = await temporaryDir();
    const looker = await startFakeLooker();
    const { yaml, env } = lookerConnection(looker, '{ lk_warehouse: warehouse }');
    await writeProject(cwd, `${yaml}  warehouse: { driver: sqlite, path: ./shop.db, readonly: true }\n`);
    const run = ['ingest', 'run', '--connection-id', 'looker', '--adapter', 'looker'];
    const first = await ktx(run, { cwd, env });
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^Ingested looker with looker in .+\n\+\d+ added/);
    expect(first.stderr).toMatch(/^Warning: .*e01/m);
    expect((await ktx(run, { cwd, env })).stdout).toContain('Nothing changed since the last sync');

    await looker.control({ label: 'Orders of the shop' });
    const third = JSON.parse((await ktx([...run, '--json'], { cwd, env })).stdout);
    expect(third.report.diffSummary).toMatchObject({ added: 0, modified: 1, deleted: 0 });
    expect(third.report.changes.modified.join()).toContain('e00');
    expect((await readAllFiles(cwd)) + first.stdout + first.stderr).not.toContain(looker.secret);
  });

  it('pulls the query history of PostgreSQL, and reports changes', async () => {
    const cwd = await temporaryDir();
    const database = await createDatabase();
    await database.execute(
      'CREATE EXTENSION pg_stat_statements',
      'CREATE TABLE orders (id int, status text)',
      "SELECT id FROM orders WHERE status = 'paid'",
      "SELECT id FROM orders WHERE status = 'returned'",
    );
    const connection = 'driver: postgres, url: env:WAREHOUSE_URL, readonly: true';
    const historicSql = 'historicSql: { enabled: true, dialect: postgres, minCalls: 2 }';
    await writeProject(cwd, `  warehouse: { ${connection}, ${historicSql} }\n`);
    const env = { WAREHOUSE_URL: database.url };
    const run = ['ingest', 'run', '--connection-id', 'warehouse', '--adapter', 'historic-sql', '--json'];
    const first = JSON.parse((await ktx(run, { cwd, env })).stdout);
    expect(first.report.diffSummary).toMatchObject({ added: 1, modified: 0, deleted: 0 });
    const second = JSON.parse((await ktx(run, { cwd, env })).stdout);
    expect(second.report.diffSummary).toEqual({ added: 0, modified: 0, deleted: 0, unchanged: 1 });

    // Tables of statements have the schemas of the newest scan.
    await ktx(['scan', 'warehouse'], { cwd, env });
    const counting = 'SELECT count(*) FROM orders GROUP BY status';
    await database.execute(counting, counting);
    const third = (await ktx(run.slice(0, -1), { cwd, env })).stdout;
    // Text output shows statements, not fingerprints.
    expect(third).toContain('+1 added  ~1 modified  -0 deleted  =0 unchanged');
    expect(third).toMatch(/^ {2}\+ 2 calls, \d+\.\d\d ms each: SELECT COUNT\(\*\) FROM orders GROUP BY status$/m);
    expect(third).not.toMatch(/[0-9a-f]{32}/);
    const history = (await ktx(['history', '--table', 'ORDERS'], { cwd, env })).stdout;
    expect(history).toMatch(
      /^ +2 +\d+\.\d\d +\d+ +person +\S+\.public\.orders +SELECT COUNT\(\*\) FROM orders GROUP BY status$/m,
    );
    expect(history).toMatch(/ SELECT id FROM orders WHERE status = \S+$/m);
    const { templates, templateCount } = JSON.parse(
      (await ktx(['history', '--top', '1', '--json'], { cwd, env })).stdout,
    );
    expect([templates.length, templateCount]).toEqual([1, 2]);
    expect((await ktx(['history', '--table', 'customers'], { cwd, env })).stdout).toBe(
      'The query history has no such statements\n',
    );
    expect((await readAllFiles(cwd)).includes('returned')).toBe(false);
    expect(await readAllFiles(cwd)).not.toContain(database.password);
  });
});
