import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  createManagedDaemonHttpJsonRunner,
  createManagedDaemonLookerTableIdentifierParser,
  createManagedDaemonSqlAnalysisPort,
  createManagedPythonDaemonBaseUrlResolver,
  createManagedPythonSemanticLayerComputePort,
  doctorManagedPythonRuntime,
  type InstallManagedPythonRuntimeResult,
  installManagedPythonRuntime,
  type ManagedPythonDaemonStatus,
  managedPythonRuntimeLayout,
  pruneManagedPythonRuntimes,
  readManagedPythonDaemonStatus,
  readManagedPythonRuntimeStatus,
  startManagedPythonDaemon,
  stopManagedPythonDaemon,
  verifyRuntimeAsset,
} from '@kaelio/ktx';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isAlive, runNode } from './support/child.js';
import { errorOf, failureOf } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { packageDir } from './support/package.js';
import { writeExecutable } from './support/runtime.js';
import { makeFolder, removeFolder, temporaryFolder } from './support/temp.js';

// The real wheel, the real installer, the real daemon. One runtime is installed for all; others only where a test is
// about installing.

const cliVersion = '0.2.0';
const windows = process.platform === 'win32';
const folder = makeFolder();
const runtimeRoot = join(folder, 'runtime');

/** The environment without uv and without settings of ours. */
const env = withoutUv(process.env);
const options = { cliVersion, runtimeRoot, env };
let installed: InstallManagedPythonRuntimeResult;

beforeAll(async () => {
  const { assetDir } = managedPythonRuntimeLayout(options);
  if (!existsSync(join(assetDir, 'manifest.json'))) {
    throw new Error(`No wheel in ${assetDir}; build it first: node scripts/build.mjs`);
  }
  installed = await installManagedPythonRuntime({ ...options, features: ['core'] });
});

afterAll(async () => {
  await stopManagedPythonDaemon(options);
  removeFolder(folder);
});

describe('the runtime, installed without uv', () => {
  it('is what the layout, the manifest and the status say', async () => {
    const asset = await verifyRuntimeAsset({ assetDir: installed.layout.assetDir });
    expect(installed).toMatchObject({
      status: 'installed',
      asset,
      manifest: { cliVersion, features: ['core'], asset: asset.manifest },
    });
    for (const path of [installed.layout.pythonPath, installed.layout.daemonPath]) expect(existsSync(path)).toBe(true);
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({
      kind: 'ready',
      manifest: installed.manifest,
    });
  });

  it('has the wheel in an environment of its own, and its log tells how', () => {
    const script = 'import sys, ktx_daemon; print(sys.prefix != sys.base_prefix)';
    const isolated = { ...env, PYTHONPATH: undefined };
    expect(run(installed.layout.pythonPath, ['-c', script], isolated).trim()).toBe('True');
    const log = readFileSync(installed.layout.installLogPath, 'utf8');
    expect(log).toMatch(/^\$ /m);
    expect(log).toContain('--require-hashes');
  });

  it('is not installed a second time', async () => {
    const again = await installManagedPythonRuntime({ ...options, features: ['core'] });
    expect(again).toEqual({ ...installed, status: 'ready' });
  });

  it('passes the doctor', async () => {
    const checks = await doctorManagedPythonRuntime(options);
    expect(checks.map(({ id, status }) => [id, status])).toEqual([
      ['uv', 'pass'],
      ['asset', 'pass'],
      ['runtime', 'pass'],
    ]);
  });
});

describe('the daemon', () => {
  const { io, stderr } = recordingIo();

  /** Options of typed ports, whose defaults are the addon's own, on the root of these tests. */
  function managed() {
    vi.stubEnv('KTX_RUNTIME_ROOT', runtimeRoot);
    return { cliVersion, installPolicy: 'never' as const, io };
  }

  it('is started by the first request of a port and serves all of them', async () => {
    const resolve = createManagedPythonDaemonBaseUrlResolver(managed());
    const baseUrl = await resolve();
    expect(stderr()).toBe(`Started KTX Python daemon: ${baseUrl}\n`);
    await expect(readManagedPythonDaemonStatus(options)).resolves.toMatchObject({
      kind: 'running',
      detail: `Daemon running at ${baseUrl}`,
      baseUrl,
      state: { version: cliVersion, features: ['core'] },
    });
  });

  it('parses Looker table identifiers', async () => {
    const parser = createManagedDaemonLookerTableIdentifierParser(managed());
    const items = [
      { key: 'plain', sql_table_name: 'analytics.public.orders AS o', dialect: 'postgres' },
      { key: 'Größe 数据', sql_table_name: '`proj`.`Ünïcode`.`t`', dialect: 'bigquery' },
      { key: 'template', sql_table_name: '@{orders_table}', dialect: 'postgres' },
      { key: 'derived', sql_table_name: '(select 1)', dialect: 'postgres' },
    ];
    await expect(parser.parse(items)).resolves.toMatchObject({
      plain: { ok: true, catalog: 'analytics', schema: 'public', name: 'orders' },
      'Größe 数据': { ok: true, catalog: 'proj', schema: 'Ünïcode', name: 't' },
      template: { ok: false, reason: 'looker_template_unresolved' },
      derived: { ok: false, reason: 'derived_table_not_supported' },
    });
  });

  it('fingerprints SQL and analyses batches', async () => {
    const analysis = createManagedDaemonSqlAnalysisPort(managed());
    const one = await analysis.analyzeForFingerprint("SELECT id FROM public.orders WHERE name = 'Grüße'", 'postgres');
    const other = await analysis.analyzeForFingerprint("select id from public.orders where name='x'", 'postgres');
    expect(one.fingerprint).toBe(other.fingerprint);
    expect(one.tablesTouched).toEqual(['public.orders']);
    expect(one.literalSlots).toEqual([{ position: 1, type: 'string', exampleValue: expect.stringContaining('Grüße') }]);

    const items = [
      { id: 'good', sql: 'select o.id from public.orders o where o.total > 5' },
      { id: 'bad', sql: 'select from where' },
    ];
    const batch = await analysis.analyzeBatch(items, 'postgres');
    expect(batch.good).toMatchObject({
      error: null,
      tablesTouched: [{ catalog: null, db: 'public', name: 'orders' }],
    });
    expect(batch.bad).toMatchObject({ error: expect.stringMatching(/\S/), tablesTouched: [] });
  });

  it('introspects a SQLite file on a path with spaces and non-ASCII letters', async () => {
    const database = join(folder, 'Läden & 数据.db');
    const script = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript('create table shops (id integer primary key, name text not null);'
                 'create table orders (id integer primary key, shop integer references shops (id));'
                 'create view names as select name from shops;')`;
    run(installed.layout.pythonPath, ['-c', script, database], env);
    const request = createManagedDaemonHttpJsonRunner(managed());
    const answer = await request('/database/introspect', { connection_id: 'local', driver: 'sqlite', url: database });
    expect(answer).toMatchObject({ connection_id: 'local', metadata: { driver: 'sqlite' } });
    const tables = answer.tables as { name: string; kind: string; foreign_keys: unknown[] }[];
    expect(tables.map(({ name, kind }) => `${kind} ${name}`)).toEqual(['view names', 'table orders', 'table shops']);
    expect(tables[1]?.foreign_keys).toMatchObject([{ from_column: 'shop', to_table: 'shops', to_column: 'id' }]);
  });

  // Once the stack did not reach from the bottom of a run, through installing and starting, back into JavaScript.
  it('is started from the bottom of a run', async () => {
    await stopManagedPythonDaemon(options);
    const projectDir = temporaryFolder();
    run(
      installed.layout.pythonPath,
      [
        '-c',
        'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("create table t (id)")',
        join(projectDir, 'shop.db'),
      ],
      env,
    );
    const yaml =
      'connections: { shop: { driver: sqlite, path: shop.db, readonly: true } }\ningest: { adapters: [live-database] }\n';
    writeFileSync(join(projectDir, 'ktx.yaml'), yaml);
    const source = `
      import { runLocalIngest } from '@kaelio/ktx';
      const io = { stdout: process.stdout, stderr: process.stdout };
      const managedDaemon = { cliVersion: '${cliVersion}', installPolicy: 'never', io };
      const ingest = { projectDir: ${JSON.stringify(projectDir)}, connectionId: 'shop', adapter: 'live-database' };
      console.log((await runLocalIngest({ ...ingest, managedDaemon })).report.changes.added);`;
    const result = await runNode(source, { ...process.env, KTX_RUNTIME_ROOT: runtimeRoot });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^Started KTX Python daemon: .*\n\[ 'main.t' \]\n$/);
  });

  it('names its reason when it refuses', async () => {
    const request = createManagedDaemonHttpJsonRunner(managed());
    const error = await errorOf(() => request('/sql/parse-table-identifier', { items: 'none' }));
    expect(error.code).toBe('KTX_HTTP_STATUS');
    expect(error.message).toMatch(/^KTX managed daemon HTTP \/sql\/parse-table-identifier failed with 422: \{.*items/);
  });

  it('is reused by another process, which ends by itself', async () => {
    const { state } = await startManagedPythonDaemon({ ...options, features: ['core'] });
    const source = `
      import { createManagedDaemonSqlAnalysisPort } from '@kaelio/ktx';
      const io = { stdout: process.stdout, stderr: process.stdout };
      const port = createManagedDaemonSqlAnalysisPort({ cliVersion: '${cliVersion}', installPolicy: 'never', io });
      console.log((await port.analyzeForFingerprint('select 1', 'sqlite')).normalizedSql);`;
    const result = await runNode(source, { ...process.env, KTX_RUNTIME_ROOT: runtimeRoot });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^Using existing KTX Python daemon: .*\nSELECT \?\n$/);
    expect(isAlive(state.pid)).toBe(true);
  });

  it('is revived when it was killed', async () => {
    const request = createManagedDaemonHttpJsonRunner(managed());
    const payload = { sql: 'select 1', dialect: 'sqlite' };
    await request('/api/sql/analyze-for-fingerprint', payload);
    const before = await readManagedPythonDaemonStatus(options);
    const pid = pidOf(before);
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000 });
    await expect(request('/api/sql/analyze-for-fingerprint', payload)).resolves.toMatchObject({
      normalized_sql: 'SELECT ?',
    });
    const after = await readManagedPythonDaemonStatus(options);
    expect(after.kind).toBe('running');
    expect(pidOf(after)).not.toBe(pid);
  });

  it('is replaced by the next call when its environment was deleted and installed again', {
    timeout: 600_000,
  }, async () => {
    const request = createManagedDaemonHttpJsonRunner(managed());
    const { state } = await startManagedPythonDaemon({ ...options, features: ['core'] });
    await request('/sql/validate-read-only', { sql: 'SELECT 1', dialect: 'postgres' });
    rmSync(join(installed.layout.versionDir, 'venvs'), { recursive: true });
    await installManagedPythonRuntime({ ...options, features: ['core'] });
    await expect(readManagedPythonDaemonStatus(options)).resolves.toMatchObject({
      kind: 'stale',
      detail: expect.stringContaining('failed with 503: The environment of the daemon is damaged'),
    });
    // What the old daemon had not imported it could not import any more: this call was lost for good.
    const asked = { tables: [], links: [], dialect: 'postgres' };
    await expect(request('/semantic-layer/generate-sources', asked)).resolves.toMatchObject({ sources: [] });
    expect(isAlive(state.pid)).toBe(false);
  });

  it('is replaced by the next call when its state has a wrong token', async () => {
    const { state } = await startManagedPythonDaemon({ ...options, features: ['core'] });
    const path = installed.layout.daemonStatePath;
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), token: 'x' }));
    const request = createManagedDaemonHttpJsonRunner(managed());
    await expect(request('/sql/validate-read-only', { sql: 'SELECT 1', dialect: 'postgres' })).resolves.toMatchObject({
      ok: true,
    });
    expect(isAlive(state.pid)).toBe(false);
  });

  it('is kept by a prune for another version, and stopped when asked', async () => {
    const { state } = await startManagedPythonDaemon({ ...options, features: ['core'] });
    const versionDir = installed.layout.versionDir;
    await expect(pruneManagedPythonRuntimes({ cliVersion: '9.9.9', runtimeRoot })).resolves.toMatchObject({
      stale: [],
      kept: [versionDir],
      removed: [],
    });
    await expect(stopManagedPythonDaemon(options)).resolves.toMatchObject({ status: 'stopped' });
    expect(isAlive(state.pid)).toBe(false);
    await expect(readManagedPythonDaemonStatus(options)).resolves.toMatchObject({ kind: 'stopped' });
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });
  });
});

describe('a second version beside it', () => {
  const second = { ...options, cliVersion: '0.3.0' };

  it('whose installation is cancelled is not there, and the next one works, with the interpreter of KTX_PYTHON', async () => {
    const controller = new AbortController();
    const cancelled = installManagedPythonRuntime({
      ...second,
      features: ['core'],
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'packages') controller.abort('enough');
      },
    });
    expect(await failureOf(() => cancelled)).toBe('enough');
    await expect(readManagedPythonRuntimeStatus(second)).resolves.not.toMatchObject({ kind: 'ready' });
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });

    // Nothing but this variable leads to an interpreter.
    const lonely = { ...env, PATH: temporaryFolder(), KTX_PYTHON: realPython() };
    const result = await installManagedPythonRuntime({ ...second, env: lonely, features: ['core'] });
    expect(result.status).toBe('installed');
    await expect(readManagedPythonRuntimeStatus(second)).resolves.toMatchObject({ kind: 'ready' });
  });

  it('is removed by a prune, and the first one stays', async () => {
    const folders = [cliVersion, '0.3.0'].map((version) => join(runtimeRoot, version));
    const result = await pruneManagedPythonRuntimes({ cliVersion, runtimeRoot });
    expect(result).toStrictEqual({ runtimeRoot, stale: [folders[1]], kept: [folders[0]], removed: [folders[1]] });
    expect(existsSync(folders[1] as string)).toBe(false);
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });
  });
});

describe('uv, if this machine has it', () => {
  const uv = findUv();

  it.skipIf(uv === undefined)('named by KTX_UV installs the same', async () => {
    const root = join(temporaryFolder(), 'with uv');
    const withUv = { cliVersion, runtimeRoot: root, env: { ...env, KTX_UV: uv } };
    const result = await installManagedPythonRuntime({ ...withUv, features: ['core'] });
    expect(result).toMatchObject({ status: 'installed', manifest: { features: ['core'] } });
    expect(readFileSync(result.layout.installLogPath, 'utf8')).toContain(`$ ${uv} `);
    expect(run(result.layout.pythonPath, ['-c', 'import ktx_daemon; print("there")'], env).trim()).toBe('there');
  });
});

describe('an installation that cannot be', () => {
  /** The error of an installation in this environment; nothing may be left of it. */
  async function refused(replaced: Record<string, string | undefined>) {
    const root = join(temporaryFolder(), 'runtime');
    const bad = { cliVersion, runtimeRoot: root, env: { ...env, ...replaced } };
    const error = await errorOf(() => installManagedPythonRuntime({ ...bad, features: ['core'] }));
    expect(existsSync(managedPythonRuntimeLayout(bad).venvDir)).toBe(false);
    await expect(readManagedPythonRuntimeStatus(bad)).resolves.toMatchObject({ kind: 'missing' });
    return error;
  }

  it('without uv and without Python says what to install and what to run then', async () => {
    const error = await refused({ PATH: temporaryFolder() });
    expect(error.code).toBe('KTX_RUNTIME_INSTALLER_MISSING');
    expect(error.message).toMatch(/uv/);
    expect(error.message).toMatch(/Python/);
    expect(error.message).toContain('ktx runtime install --yes');
  });

  it.skipIf(windows)('with a Python that is too old says which one is needed', async () => {
    const bin = temporaryFolder();
    for (const name of ['python3', 'python']) writeExecutable(join(bin, name), oldPython());
    const error = await refused({ PATH: bin });
    expect(error.code).toBe('KTX_RUNTIME_INSTALLER_MISSING');
    expect(error.message).toMatch(/3\.10/);
    expect(error.message).toMatch(/3\.8/);
  });

  it.each(['KTX_UV', 'KTX_PYTHON'])('with %s that leads nowhere names the variable and the path', async (name) => {
    const nowhere = join(temporaryFolder(), 'nowhere');
    const error = await refused({ [name]: nowhere });
    expect(error.message).toContain(name);
    expect(error.message).toContain(nowhere);
  });

  it('below a file names it and leaves it', async () => {
    const file = join(temporaryFolder(), 'a file');
    writeFileSync(file, 'mine');
    const error = await errorOf(() =>
      installManagedPythonRuntime({ ...options, runtimeRoot: join(file, 'runtime'), features: ['core'] }),
    );
    expect(error.code).toBe('KTX_FILE_IO');
    expect(error.message).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it.skipIf(windows || process.getuid?.() === 0)('below a folder that is read-only names it', async () => {
    const readOnly = temporaryFolder();
    mkdirSync(join(readOnly, 'sealed'), { mode: 0o500 });
    const error = await errorOf(() =>
      installManagedPythonRuntime({ ...options, runtimeRoot: join(readOnly, 'sealed', 'runtime'), features: ['core'] }),
    );
    expect(error.code).toBe('KTX_FILE_IO');
    expect(error.message).toContain(join(readOnly, 'sealed'));
  });
});

it('semantic compute goes through the daemon that runs, else through a process of its own, with the same answers', async () => {
  vi.stubEnv('KTX_RUNTIME_ROOT', runtimeRoot);
  onTestFinished(() => void vi.unstubAllEnvs());
  await stopManagedPythonDaemon(options);
  const port = await createManagedPythonSemanticLayerComputePort({
    cliVersion,
    installPolicy: 'never',
    io: recordingIo().io,
  });
  const column = { name: 'id', type: 'INTEGER', primaryKey: true };
  const generate = () =>
    port.generateSources({ tables: [{ name: 't', columns: [column] }], links: [], dialect: 'sqlite' });
  const wrong = () => port.query({ sources: [], query: { measures: ['nowhere.x'] }, dialect: 'sqlite' });
  const [once, refusedOnce] = [await generate(), await errorOf(wrong)];
  await expect(readManagedPythonDaemonStatus(options)).resolves.toMatchObject({ kind: 'stopped' });

  await startManagedPythonDaemon({ ...options, features: ['core'] });
  // Without its executable no process of its own can be started: what answers now is the daemon.
  const { daemonPath } = installed.layout;
  renameSync(daemonPath, `${daemonPath}.away`);
  onTestFinished(() => renameSync(`${daemonPath}.away`, daemonPath));
  await expect(generate()).resolves.toEqual(once);
  const { code, message } = await errorOf(wrong);
  expect({ code, message }).toEqual({ code: 'KTX_SEMANTIC_INVALID', message: refusedOnce.message });
  expect(refusedOnce.code).toBe(code);
});

it('a daemon without its interpreter says so, and an installation repairs it', async () => {
  rmSync(installed.layout.daemonPath);
  const { kind, detail } = await readManagedPythonRuntimeStatus(options);
  expect(kind).toBe('broken');
  expect(detail).toContain(installed.layout.daemonPath);
  await expect(installManagedPythonRuntime({ ...options, features: ['core'] })).resolves.toMatchObject({
    status: 'installed',
  });
  await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });
});

function run(command: string, args: string[], environment: NodeJS.ProcessEnv): string {
  return execFileSync(command, args, { encoding: 'utf8', env: environment });
}

/** An environment in which no uv is found, and none of our variables is set. */
function withoutUv(from: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const ours = Object.keys(from).filter((name) => name.startsWith('KTX_'));
  const hasUv = (path: string) => ['uv', 'uv.exe'].some((name) => existsSync(join(path, name)));
  const path = (from.PATH ?? '').split(delimiter).filter((each) => !hasUv(each));
  return { ...from, ...Object.fromEntries(ours.map((name) => [name, undefined])), PATH: path.join(delimiter) };
}

/** The interpreter itself, not a launcher that needs a search path. */
function realPython(): string {
  const script = 'import sys; print(sys.executable)';
  return run(windows ? 'python' : 'python3', ['-c', script], process.env).trim();
}

/** A launcher of the real interpreter that makes it say that it is Python 3.8. */
function oldPython(): string {
  const lie = `import sys
sys.version_info = (3, 8, 10, 'final', 0)
sys.hexversion = 0x03080AF0
sys.version = '3.8.10 (default)'
code = sys.argv.pop(1)
sys.argv[0] = '-c'
exec(compile(code, '<string>', 'exec'))`;
  return `#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    -V|--version) echo 'Python 3.8.10'; exit 0 ;;
    -c) shift; exec '${realPython()}' -c "${lie}" "$@" ;;
  esac
  shift
done
exit 2
`;
}

/** A uv of this machine: on the search path or among the development tools. */
function findUv(): string | undefined {
  const development = join(packageDir, 'python-runtime', '.venv', windows ? 'Scripts' : 'bin');
  const folders = [...(process.env.PATH ?? '').split(delimiter), development];
  return folders.map((each) => join(each, windows ? 'uv.exe' : 'uv')).find((path) => existsSync(path));
}

/** The process of the daemon that runs. */
function pidOf(status: ManagedPythonDaemonStatus): number {
  return status.kind === 'running' ? status.state.pid : expect.fail(`the daemon is ${status.kind}`);
}
