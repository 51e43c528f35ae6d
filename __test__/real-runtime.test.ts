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
import { catchError, catchFailure } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { packageDir } from './support/package.js';
import { writeExecutable } from './support/runtime.js';
import { makeFolder, removeFolder, temporaryFolder } from './support/temp.js';

// The real wheel, installer and daemon. The tests share one runtime, except those of installation.

const cliVersion = '0.2.0';
const windows = process.platform === 'win32';
const folder = makeFolder();
const runtimeRoot = join(folder, 'runtime');

/** The environment without uv and without KTX_ variables. */
const env = environmentWithoutUv(process.env);
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
  it('equals the layout, the manifest and the status', async () => {
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

  it('has the wheel in an isolated environment, and a log of the commands', () => {
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

  /** Options of typed ports on the root of these tests, without callbacks. */
  function managedOptions() {
    vi.stubEnv('KTX_RUNTIME_ROOT', runtimeRoot);
    return { cliVersion, installPolicy: 'never' as const, io };
  }

  it('is started by the first request of a port', async () => {
    const resolve = createManagedPythonDaemonBaseUrlResolver(managedOptions());
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
    const parser = createManagedDaemonLookerTableIdentifierParser(managedOptions());
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
    const analysis = createManagedDaemonSqlAnalysisPort(managedOptions());
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
    const request = createManagedDaemonHttpJsonRunner(managedOptions());
    const answer = await request('/database/introspect', { connection_id: 'local', driver: 'sqlite', url: database });
    expect(answer).toMatchObject({ connection_id: 'local', metadata: { driver: 'sqlite' } });
    const tables = answer.tables as { name: string; kind: string; foreign_keys: unknown[] }[];
    expect(tables.map(({ name, kind }) => `${kind} ${name}`)).toEqual(['view names', 'table orders', 'table shops']);
    expect(tables[1]?.foreign_keys).toMatchObject([{ from_column: 'shop', to_table: 'shops', to_column: 'id' }]);
  });

  // Regression: the stack overflowed in a start from inside a run, with callbacks into JavaScript.
  it('is started from inside a run', async () => {
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

  it('returns the reason of a rejected request', async () => {
    const request = createManagedDaemonHttpJsonRunner(managedOptions());
    const error = await catchError(() => request('/sql/parse-table-identifier', { items: 'none' }));
    expect(error.code).toBe('KTX_HTTP_STATUS');
    expect(error.message).toMatch(/^KTX managed daemon HTTP \/sql\/parse-table-identifier failed with 422: \{.*items/);
  });

  it('is reused by another process, which exits by itself', async () => {
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

  it('is started again after a kill', async () => {
    const request = createManagedDaemonHttpJsonRunner(managedOptions());
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
    const request = createManagedDaemonHttpJsonRunner(managedOptions());
    const { state } = await startManagedPythonDaemon({ ...options, features: ['core'] });
    await request('/sql/validate-read-only', { sql: 'SELECT 1', dialect: 'postgres' });
    rmSync(join(installed.layout.versionDir, 'venvs'), { recursive: true });
    await installManagedPythonRuntime({ ...options, features: ['core'] });
    await expect(readManagedPythonDaemonStatus(options)).resolves.toMatchObject({
      kind: 'stale',
      detail: expect.stringContaining('failed with 503: The environment of the daemon is damaged'),
    });
    // Regression: the old daemon could no longer import modules, and this call failed for good.
    const payload = { tables: [], links: [], dialect: 'postgres' };
    await expect(request('/semantic-layer/generate-sources', payload)).resolves.toMatchObject({ sources: [] });
    expect(isAlive(state.pid)).toBe(false);
  });

  it('is replaced by the next call when its state has an invalid token', async () => {
    const { state } = await startManagedPythonDaemon({ ...options, features: ['core'] });
    const path = installed.layout.daemonStatePath;
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), token: 'x' }));
    const request = createManagedDaemonHttpJsonRunner(managedOptions());
    await expect(request('/sql/validate-read-only', { sql: 'SELECT 1', dialect: 'postgres' })).resolves.toMatchObject({
      ok: true,
    });
    expect(isAlive(state.pid)).toBe(false);
  });

  it('is kept by a prune of another version, and can be stopped', async () => {
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

describe('a second version', () => {
  const second = { ...options, cliVersion: '0.3.0' };

  it('is not installed after a cancellation, and the next installation succeeds with KTX_PYTHON', async () => {
    const controller = new AbortController();
    const cancelled = installManagedPythonRuntime({
      ...second,
      features: ['core'],
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'packages') controller.abort('enough');
      },
    });
    expect(await catchFailure(() => cancelled)).toBe('enough');
    await expect(readManagedPythonRuntimeStatus(second)).resolves.not.toMatchObject({ kind: 'ready' });
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });

    // PATH has no interpreter, only KTX_PYTHON.
    const isolated = { ...env, PATH: temporaryFolder(), KTX_PYTHON: findPython() };
    const result = await installManagedPythonRuntime({ ...second, env: isolated, features: ['core'] });
    expect(result.status).toBe('installed');
    await expect(readManagedPythonRuntimeStatus(second)).resolves.toMatchObject({ kind: 'ready' });
  });

  it('is removed by a prune, which keeps the first one', async () => {
    const folders = [cliVersion, '0.3.0'].map((version) => join(runtimeRoot, version));
    const result = await pruneManagedPythonRuntimes({ cliVersion, runtimeRoot });
    expect(result).toStrictEqual({ runtimeRoot, stale: [folders[1]], kept: [folders[0]], removed: [folders[1]] });
    expect(existsSync(folders[1] as string)).toBe(false);
    await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({ kind: 'ready' });
  });
});

describe('uv, if installed', () => {
  const uv = findUv();

  it.skipIf(uv === undefined)('of KTX_UV installs the same', async () => {
    const root = join(temporaryFolder(), 'with uv');
    const withUv = { cliVersion, runtimeRoot: root, env: { ...env, KTX_UV: uv } };
    const result = await installManagedPythonRuntime({ ...withUv, features: ['core'] });
    expect(result).toMatchObject({ status: 'installed', manifest: { features: ['core'] } });
    expect(readFileSync(result.layout.installLogPath, 'utf8')).toContain(`$ ${uv} `);
    expect(run(result.layout.pythonPath, ['-c', 'import ktx_daemon; print("there")'], env).trim()).toBe('there');
  });
});

describe('an impossible installation', () => {
  /** Installs in this environment, expects a failure that leaves no files, and returns the error. */
  async function expectInstallFailure(overrides: Record<string, string | undefined>) {
    const root = join(temporaryFolder(), 'runtime');
    const installOptions = { cliVersion, runtimeRoot: root, env: { ...env, ...overrides } };
    const error = await catchError(() => installManagedPythonRuntime({ ...installOptions, features: ['core'] }));
    expect(existsSync(managedPythonRuntimeLayout(installOptions).venvDir)).toBe(false);
    await expect(readManagedPythonRuntimeStatus(installOptions)).resolves.toMatchObject({ kind: 'missing' });
    return error;
  }

  it('without uv and Python reports what to install, and the command to run afterwards', async () => {
    const error = await expectInstallFailure({ PATH: temporaryFolder(), UV_OFFLINE: '1' });
    expect(error.code).toBe('KTX_RUNTIME_INSTALLER_MISSING');
    expect(error.message).toMatch(/uv/);
    expect(error.message).toMatch(/Python/);
    expect(error.message).toContain('ktx runtime install --yes');
  });

  it.skipIf(windows)('with an outdated Python reports the required version', async () => {
    const bin = temporaryFolder();
    for (const name of ['python3', 'python']) writeExecutable(join(bin, name), fakeOldPython());
    const error = await expectInstallFailure({ PATH: bin, UV_OFFLINE: '1' });
    expect(error.code).toBe('KTX_RUNTIME_INSTALLER_MISSING');
    expect(error.message).toMatch(/3\.10/);
    expect(error.message).toMatch(/3\.8/);
  });

  it.each(['KTX_UV', 'KTX_PYTHON'])('with a missing path in %s reports the variable and the path', async (name) => {
    const nowhere = join(temporaryFolder(), 'nowhere');
    const error = await expectInstallFailure({ [name]: nowhere });
    expect(error.message).toContain(name);
    expect(error.message).toContain(nowhere);
  });

  it('below a file reports it and leaves it unchanged', async () => {
    const file = join(temporaryFolder(), 'a file');
    writeFileSync(file, 'mine');
    const error = await catchError(() =>
      installManagedPythonRuntime({ ...options, runtimeRoot: join(file, 'runtime'), features: ['core'] }),
    );
    expect(error.code).toBe('KTX_FILE_IO');
    expect(error.message).toContain(file);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it.skipIf(windows || process.getuid?.() === 0)('below a read-only folder reports it', async () => {
    const readOnly = temporaryFolder();
    mkdirSync(join(readOnly, 'read-only'), { mode: 0o500 });
    const error = await catchError(() =>
      installManagedPythonRuntime({
        ...options,
        runtimeRoot: join(readOnly, 'read-only', 'runtime'),
        features: ['core'],
      }),
    );
    expect(error.code).toBe('KTX_FILE_IO');
    expect(error.message).toContain(join(readOnly, 'read-only'));
  });
});

it('semantic compute uses a running daemon, else a one-shot command, with the same results', async () => {
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
  const [oneShotResult, oneShotError] = [await generate(), await catchError(wrong)];
  await expect(readManagedPythonDaemonStatus(options)).resolves.toMatchObject({ kind: 'stopped' });

  await startManagedPythonDaemon({ ...options, features: ['core'] });
  // Without its executable no one-shot command can be started, so the daemon answers.
  const { daemonPath } = installed.layout;
  renameSync(daemonPath, `${daemonPath}.moved`);
  onTestFinished(() => renameSync(`${daemonPath}.moved`, daemonPath));
  await expect(generate()).resolves.toEqual(oneShotResult);
  const { code, message } = await catchError(wrong);
  expect({ code, message }).toEqual({ code: 'KTX_SEMANTIC_INVALID', message: oneShotError.message });
  expect(oneShotError.code).toBe(code);
});

it('a missing executable is reported as broken, and repaired by an installation', async () => {
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

/** Removes uv from PATH, and all KTX_ variables. */
function environmentWithoutUv(from: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const ktxVariables = Object.keys(from).filter((name) => name.startsWith('KTX_'));
  const hasUv = (path: string) => ['uv', 'uv.exe'].some((name) => existsSync(join(path, name)));
  const path = (from.PATH ?? '').split(delimiter).filter((each) => !hasUv(each));
  return { ...from, ...Object.fromEntries(ktxVariables.map((name) => [name, undefined])), PATH: path.join(delimiter) };
}

/** Path of the interpreter, not of a launcher that depends on PATH. */
function findPython(): string {
  const script = 'import sys; print(sys.executable)';
  return run(windows ? 'python' : 'python3', ['-c', script], process.env).trim();
}

/** Script of a launcher that makes the interpreter report version 3.8. */
function fakeOldPython(): string {
  const patch = `import sys
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
    -c) shift; exec '${findPython()}' -c "${patch}" "$@" ;;
  esac
  shift
done
exit 2
`;
}

/** Finds uv in PATH or among the development tools. */
function findUv(): string | undefined {
  const development = join(packageDir, 'python-runtime', '.venv', windows ? 'Scripts' : 'bin');
  const folders = [...(process.env.PATH ?? '').split(delimiter), development];
  return folders.map((each) => join(each, windows ? 'uv.exe' : 'uv')).find((path) => existsSync(path));
}

/** Process id of the running daemon. */
function pidOf(status: ManagedPythonDaemonStatus): number {
  return status.kind === 'running' ? status.state.pid : expect.fail(`the daemon is ${status.kind}`);
}
