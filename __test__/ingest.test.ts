import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createLocalIngestAdapters,
  type KtxRunProgress,
  listKtxRuns,
  loadKtxProject,
  type RunLocalIngestOptions,
  readKtxRun,
  readKtxTable,
  runLocalIngest,
  runLocalScan,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchError, catchFailure } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { httpServer, jsonServer, sendJson } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

const config = `
connections:
  looker: { driver: looker, base_url: env:LOOKER_URL, client_id: me, client_secret: env:LOOKER_SECRET,
            mappings: { connectionMappings: { wh: shop } } }
  shop: { driver: postgres, url: "postgres://u:p@127.0.0.1:9/d", readonly: true, historicSql: { enabled: true } }
ingest: { adapters: [live-database, looker] }
`;

/** Query history of a database with one statement. */
const history = {
  extracted_at: '2026-01-02T03:04:05.678+00:00',
  metadata: { driver: 'postgres', server_version: '17.2' },
  unavailable: null,
  statistics: { reset_at_ms: null, dealloc: null },
  statements: [{ query_id: '-7', sql: 'SELECT 1', calls: 1, total_ms: 1.5, rows: 1, since_ms: null, nested: false }],
  without_text: 0,
  truncated: false,
  next_cursor: null,
};
const analysis = {
  fingerprint: 'f',
  normalized_sql: 'SELECT ? FROM t',
  tables_touched: [{ catalog: null, db: null, name: 't' }],
  columns_by_clause: {},
  error: null,
};

const lists: Record<string, unknown[]> = {
  connections: [{ name: 'wh', dialect_name: 'postgres' }],
  lookml_models: [{ name: 'm', explores: [{ name: 'e' }] }],
};
const explore = { name: 'e', model_name: 'm', connection_name: 'wh', view_name: 'v', sql_table_name: 'public.t' };

/** Starts a Looker with one model and one explore. */
function startLooker() {
  return httpServer(({ url }, response) => {
    const path = new URL(url, 'http://x').pathname.replace('/api/4.0/', '');
    if (path === 'login') sendJson(response, { access_token: 't', expires_in: 3600 });
    else sendJson(response, path === 'lookml_models/m/explores/e' ? explore : (lists[path] ?? []));
  });
}

async function createProject(lookerUrl: string) {
  const projectDir = temporaryFolder();
  writeFileSync(join(projectDir, 'ktx.yaml'), config);
  const env = { LOOKER_URL: lookerUrl, LOOKER_SECRET: 'hunter2', KTX_TRUST: '1' };
  return { project: await loadKtxProject({ projectDir }), projectDir, env };
}

const table = { ok: true as const, catalog: null, schema: 'public', name: 't', canonical_table: 'public.t' };

it('creates every adapter with the same options object', () => {
  const options = { databaseIntrospectionUrl: 'http://127.0.0.1:8765' };
  const adapters = createLocalIngestAdapters({ projectDir: '/nowhere' }, options);
  expect(adapters.map(({ source }) => source)).toEqual(['live-database', 'looker', 'historic-sql']);
  for (const adapter of adapters) {
    expect(adapter.options).toBe(options);
    expect(adapter.skillNames).toEqual([]);
  }
});

it('pulls a source with an injected parser, and reports progress', async () => {
  const { project, projectDir, env } = await createProject((await startLooker()).baseUrl);
  const parse = vi.fn(async () => ({ 'm.e': table }));
  const steps: KtxRunProgress[] = [];
  const options: RunLocalIngestOptions = {
    project,
    connectionId: 'looker',
    adapter: 'looker',
    adapters: createLocalIngestAdapters(project, { looker: { parser: { parse } } }),
    jobId: 'job-1',
    trigger: 'manual_resync',
    env,
    onProgress: (progress) => {
      steps.push(progress);
      throw new Error('errors of this callback must not end a run');
    },
  };
  const result = await runLocalIngest(options);
  expect(result).toEqual({
    runId: result.report.runId,
    jobId: 'job-1',
    status: 'done',
    done: true,
    connectionId: 'looker',
    adapter: 'looker',
    dryRun: false,
    syncId: result.report.syncId,
    report: result.report,
  });
  expect(parse).toHaveBeenCalledExactlyOnceWith([{ key: 'm.e', sql_table_name: 'public.t', dialect: 'postgres' }]);
  const staged = join(projectDir, 'raw-sources', 'looker', 'looker', result.syncId, 'explores', 'm.e.json');
  expect(JSON.parse(readFileSync(staged, 'utf8')).physicalTables).toEqual([
    { view: 'v', alias: 'e', sql_table_name: 'public.t', ...table, connection: 'shop' },
  ]);
  expect(new Set(steps.map(({ phase }) => phase))).toEqual(new Set(['fetch', 'stage', 'diff', 'report']));
  await expect(readKtxRun({ projectDir, runId: result.runId })).resolves.toEqual(result.report);
  expect(result.report).toMatchObject({ jobId: 'job-1', trigger: 'manual_resync' });

  const again = await runLocalIngest({ ...options, dryRun: true });
  expect(again.report.diffSummary).toEqual({ added: 0, modified: 0, deleted: 0, unchanged: 2 });
});

it('prefers pull-config options to those of the adapter, and sends the token only to the configured daemon', async () => {
  const instance = await startLooker();
  const { project, env } = await createProject(instance.baseUrl);
  const daemon = await jsonServer({ results: { 'm.e': table } });
  const parse = vi.fn();
  await runLocalIngest({
    project,
    connectionId: 'looker',
    adapter: 'looker',
    adapters: createLocalIngestAdapters(project, { looker: { parser: { parse } } }),
    pullConfigOptions: { looker: { daemonBaseUrl: daemon.baseUrl } },
    env: { ...env, KTX_DAEMON_TOKEN: 'hunter3' },
  });
  expect(parse).not.toHaveBeenCalled();
  expect(daemon.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer hunter3']);
  expect(instance.requests.map(({ headers }) => headers.authorization)).not.toContain('Bearer hunter3');
});

it('reads entities from a folder that was staged earlier', async () => {
  const instance = await startLooker();
  const { project, projectDir, env } = await createProject(instance.baseUrl);
  const parser = { parse: async () => ({ 'm.e': table }) };
  const options = { project, connectionId: 'looker', adapter: 'looker', looker: { parser } };
  const first = await runLocalIngest({ ...options, env });
  const sourceDir = temporaryFolder();
  renameSync(join(projectDir, 'raw-sources', 'looker', 'looker', first.syncId), join(sourceDir, 'sync'));
  const requestCount = instance.requests.length;
  const result = await runLocalIngest({ ...options, sourceDir: join(sourceDir, 'sync'), env: {} });
  expect(result).toMatchObject({ sourceDir: join(sourceDir, 'sync'), report: { diffSummary: { unchanged: 2 } } });
  expect(instance.requests).toHaveLength(requestCount);
  const missing = await catchError(() => runLocalIngest({ ...options, sourceDir: join(sourceDir, 'none') }));
  expect(missing.code).toBe('KTX_SOURCE_DIR_INVALID');
  mkdirSync(join(sourceDir, 'empty'));
  const empty = await catchError(() => runLocalIngest({ ...options, sourceDir: join(sourceDir, 'empty') }));
  expect(empty.message).toContain('is not a staged folder of looker');
});

it('rethrows errors of a parser, and records the run as failed', async () => {
  const { project, projectDir, env } = await createProject((await startLooker()).baseUrl);
  const thrown = new Error('mine');
  const parser = { parse: () => Promise.reject(thrown) };
  const options = { project, connectionId: 'looker', adapter: 'looker', looker: { parser }, env };
  expect(await catchFailure(() => runLocalIngest(options))).toBe(thrown);
  await expect(listKtxRuns({ projectDir, source: 'looker' })).resolves.toMatchObject([
    { status: 'failed', error: 'mine' },
  ]);
});

it('rejects with the reason of its signal, after the run has ended as interrupted', async () => {
  const controller = new AbortController();
  const instance = await httpServer(() => controller.abort());
  const { project, projectDir, env } = await createProject(instance.baseUrl);
  const { signal } = controller;
  const ingest = { project, connectionId: 'looker', adapter: 'looker', env, signal };
  expect(await catchFailure(() => runLocalIngest(ingest))).toBe(signal.reason);
  const runs = await listKtxRuns({ projectDir });
  expect(runs).toMatchObject([{ status: 'failed', error: 'interrupted' }]);
  // With an aborted signal no run is recorded.
  expect(await catchFailure(() => runLocalIngest(ingest))).toBe(signal.reason);
  await expect(listKtxRuns({ projectDir })).resolves.toEqual(runs);
});

describe('historic-sql', () => {
  /** Creates a project with the adapter historic-sql, and a daemon that reads and analyses statements. */
  async function setUp() {
    const { project, projectDir, env } = await createProject('https://looker.example.com');
    writeFileSync(join(projectDir, 'ktx.yaml'), config.replace('looker] }', 'historic-sql] }'));
    const daemon = await httpServer(({ url }, response) =>
      sendJson(response, url === '/database/query-history' ? history : { results: { 0: analysis } }),
    );
    const paths = () => daemon.requests.map(({ url }) => url);
    return { run: { project, connectionId: 'shop', adapter: 'historic-sql', env }, env, daemon, paths };
  }

  it('uses the introspection route for the database, and the SQL analysis route for statements', async () => {
    const { run, env, daemon, paths } = await setUp();
    const requestJson = vi.fn(async () => history);
    const variables = { ...env, KTX_SQL_ANALYSIS_URL: daemon.baseUrl, KTX_DAEMON_TOKEN: 'hunter3' };
    const result = await runLocalIngest({ ...run, env: variables, databaseIntrospection: { requestJson } });
    expect(result.report.changes.added).toEqual(['f']);
    const request = { connection_id: 'shop', driver: 'postgres', url: 'postgres://u:p@127.0.0.1:9/d' };
    expect(requestJson).toHaveBeenCalledExactlyOnceWith('/database/query-history', expect.objectContaining(request));
    // The daemon for SQL analysis does not receive credentials of a database.
    expect(paths()).toEqual(['/sql/analyze-batch']);
    expect(daemon.requests[0]?.body).not.toContain('postgres://');
  });

  it('uses the daemon of databaseIntrospectionUrl, with its token', async () => {
    const { run, env, daemon, paths } = await setUp();
    const variables = { ...env, KTX_DAEMON_TOKEN: 'hunter3' };
    const urls = { databaseIntrospectionUrl: daemon.baseUrl, sqlAnalysisUrl: daemon.baseUrl };
    await runLocalIngest({ ...run, env: variables, ...urls });
    expect(paths()).toEqual(['/database/query-history', '/sql/analyze-batch']);
    expect(new Set(daemon.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer hunter3']));
  });

  it('uses one managed daemon for both', async () => {
    const { run, daemon, paths } = await setUp();
    const ensureRuntime = vi.fn(async () => ({}) as never);
    const startDaemon = vi.fn(async () => ({ status: 'reused', baseUrl: daemon.baseUrl }) as never);
    const { io } = recordingIo();
    const managedDaemon = { cliVersion: '0.2.0', installPolicy: 'never' as const, io, ensureRuntime, startDaemon };
    await runLocalIngest({ ...run, managedDaemon });
    expect(paths()).toEqual(['/database/query-history', '/sql/analyze-batch']);
    expect(startDaemon).toHaveBeenCalledTimes(1);
  });

  it('reports a missing extension with code and hint', async () => {
    const { run } = await setUp();
    const unavailable = { code: 'extension_missing', detail: 'It has no extension', hint: 'Run: CREATE EXTENSION x' };
    const requestJson = async () => ({ ...history, unavailable });
    await expect(runLocalIngest({ ...run, databaseIntrospection: { requestJson } })).rejects.toMatchObject({
      code: 'KTX_SOURCE_FORBIDDEN',
      message: 'It has no extension',
      hint: 'Run: CREATE EXTENSION x',
    });
  });
});

it('rejects unknown and disabled adapters and connections', async () => {
  const { project, env } = await createProject('https://looker.example.com');
  const run = (connectionId: string, adapter: string) =>
    catchError(() => runLocalIngest({ project, connectionId, adapter, env }));
  expect(await run('looker', 'loker')).toMatchObject({
    code: 'KTX_ADAPTER_UNKNOWN',
    message: 'There is no adapter loker; did you mean looker?',
  });
  expect((await run('shop', 'historic-sql')).code).toBe('KTX_ADAPTER_DISABLED');
  expect((await run('shp', 'looker')).code).toBe('KTX_CONNECTION_UNKNOWN');
  expect((await run('shop', 'looker')).code).toBe('KTX_CONNECTION_INVALID');
});

it('scans with a loaded project and the options of its adapters', async () => {
  const { project } = await createProject('https://looker.example.com');
  const requestJson = vi.fn(async () => ({
    connection_id: 'shop',
    extracted_at: 'now',
    metadata: { driver: 'postgres', schemas: [] },
    tables: [],
  }));
  const adapters = createLocalIngestAdapters(project, { databaseIntrospection: { requestJson } });
  await expect(runLocalScan({ project, connectionId: 'shop', adapters })).resolves.toMatchObject({ done: true });
  await expect(
    runLocalIngest({ project, connectionId: 'shop', adapter: 'live-database', adapters }),
  ).resolves.toMatchObject({ adapter: 'live-database', done: true });
  expect(requestJson).toHaveBeenCalledTimes(2);
});

it('scans in the mode of either option, and refuses an unknown one', async () => {
  const { project } = await createProject('http://127.0.0.1:9');
  const column = { name: 'id', type: 'int', nullable: true, primary_key: false, comment: null };
  const facts = { catalog: null, db: 'public', name: 't' };
  const tables = [
    { ...facts, kind: 'table', comment: null, estimated_rows: null, columns: [column], foreign_keys: [] },
  ];
  const measured = { name: 'id', nulls: 1, distinct: 1, distinct_exact: true };
  const profile = { ...facts, rows: 2, rows_exact: true, columns: [measured], statements: 1, seconds: 0 };
  const requestJson = vi.fn(async (path: string, _: object) =>
    path === '/database/introspect'
      ? { extracted_at: 'now', metadata: { schemas: ['public'] }, tables }
      : { tables: [profile], keys: [], links: [] },
  );
  const scan = (options: object) =>
    runLocalScan({ project, connectionId: 'shop', databaseIntrospection: { requestJson }, ...options });
  expect(await scan({})).toMatchObject({ mode: 'structural', report: { mode: 'structural' } });
  expect(await scan({ mode: 'enriched' })).toMatchObject({ mode: 'enriched', report: { profile: { profiled: 1 } } });
  expect(await scan({ detectRelationships: true })).toMatchObject({ mode: 'relationships' });
  const hashes = requestJson.mock.calls.flatMap(([, request]) => ('hashes' in request ? [request.hashes] : []));
  expect(hashes).toEqual([0, 256]);
  const table = await readKtxTable({ projectDir: project.projectDir, connectionId: 'shop', name: 't' });
  expect(table.columns[0]?.profile).toMatchObject({ nulls: 1, nullShare: 0.5, hidden: false });
  await expect(scan({ mode: 'deep' })).rejects.toThrow(
    'options.mode must be one of structural, enriched, relationships',
  );
});
