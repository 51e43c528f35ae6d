import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createLocalIngestAdapters,
  type KtxRunProgress,
  listKtxRuns,
  loadKtxProject,
  type RunLocalIngestOptions,
  readKtxRun,
  runLocalIngest,
  runLocalScan,
} from '@kaelio/ktx';
import { expect, it, vi } from 'vitest';
import { errorOf, failureOf } from './support/failure.js';
import { httpServer, jsonServer, sendJson } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

const config = `
connections:
  looker: { driver: looker, base_url: env:LOOKER_URL, client_id: me, client_secret: env:LOOKER_SECRET,
            mappings: { connectionMappings: { wh: shop } } }
  shop: { driver: postgres, url: "postgres://u:p@127.0.0.1:9/d", readonly: true, historicSql: { enabled: true } }
ingest: { adapters: [live-database, looker] }
`;

const lists: Record<string, unknown[]> = {
  connections: [{ name: 'wh', dialect_name: 'postgres' }],
  lookml_models: [{ name: 'm', explores: [{ name: 'e' }] }],
};
const explore = { name: 'e', model_name: 'm', connection_name: 'wh', view_name: 'v', sql_table_name: 'public.t' };

/** One model with one explore. */
function looker() {
  return httpServer(({ url }, response) => {
    const path = new URL(url, 'http://x').pathname.replace('/api/4.0/', '');
    if (path === 'login') sendJson(response, { access_token: 't', expires_in: 3600 });
    else sendJson(response, path === 'lookml_models/m/explores/e' ? explore : (lists[path] ?? []));
  });
}

async function projectOn(lookerUrl: string) {
  const projectDir = temporaryFolder();
  writeFileSync(join(projectDir, 'ktx.yaml'), config);
  const env = { LOOKER_URL: lookerUrl, LOOKER_SECRET: 'hunter2', KTX_TRUST: '1' };
  return { project: await loadKtxProject({ projectDir }), projectDir, env };
}

const table = { ok: true as const, catalog: null, schema: 'public', name: 't', canonical_table: 'public.t' };

it('makes every adapter with the very options it was given', () => {
  const options = { databaseIntrospectionUrl: 'http://127.0.0.1:8765' };
  const adapters = createLocalIngestAdapters({ projectDir: '/nowhere' }, options);
  expect(adapters.map(({ source }) => source)).toEqual(['live-database', 'looker', 'historic-sql']);
  for (const adapter of adapters) {
    expect(adapter.options).toBe(options);
    expect(adapter.skillNames).toEqual([]);
  }
});

it('pulls a source with an injected parser, and tells how far it is', async () => {
  const { project, projectDir, env } = await projectOn((await looker()).baseUrl);
  const parse = vi.fn(async () => ({ 'm.e': table }));
  const news: KtxRunProgress[] = [];
  const options: RunLocalIngestOptions = {
    project,
    connectionId: 'looker',
    adapter: 'looker',
    adapters: createLocalIngestAdapters(project, { looker: { parser: { parse } } }),
    jobId: 'job-1',
    trigger: 'manual_resync',
    env,
    onProgress: (progress) => {
      news.push(progress);
      throw new Error('what a callback throws must not end a run');
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
    { view: 'v', sql_table_name: 'public.t', ...table, connection: 'shop' },
  ]);
  expect(new Set(news.map(({ phase }) => phase))).toEqual(new Set(['fetch', 'stage', 'diff', 'report']));
  await expect(readKtxRun({ projectDir, runId: result.runId })).resolves.toEqual(result.report);
  expect(result.report).toMatchObject({ jobId: 'job-1', trigger: 'manual_resync' });

  const again = await runLocalIngest({ ...options, dryRun: true });
  expect(again.report.diffSummary).toEqual({ added: 0, modified: 0, deleted: 0, unchanged: 2 });
});

it('lets pull-config options win over those of the adapter, and sends the token to the named daemon alone', async () => {
  const instance = await looker();
  const { project, env } = await projectOn(instance.baseUrl);
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

it('takes the entities from a folder that was staged before', async () => {
  const instance = await looker();
  const { project, projectDir, env } = await projectOn(instance.baseUrl);
  const parser = { parse: async () => ({ 'm.e': table }) };
  const options = { project, connectionId: 'looker', adapter: 'looker', looker: { parser } };
  const first = await runLocalIngest({ ...options, env });
  const sourceDir = temporaryFolder();
  renameSync(join(projectDir, 'raw-sources', 'looker', 'looker', first.syncId), join(sourceDir, 'sync'));
  const asked = instance.requests.length;
  const result = await runLocalIngest({ ...options, sourceDir: join(sourceDir, 'sync'), env: {} });
  expect(result).toMatchObject({ sourceDir: join(sourceDir, 'sync'), report: { diffSummary: { unchanged: 2 } } });
  expect(instance.requests).toHaveLength(asked);
  const missing = await errorOf(() => runLocalIngest({ ...options, sourceDir: join(sourceDir, 'none') }));
  expect(missing.code).toBe('KTX_SOURCE_DIR_INVALID');
  mkdirSync(join(sourceDir, 'empty'));
  const empty = await errorOf(() => runLocalIngest({ ...options, sourceDir: join(sourceDir, 'empty') }));
  expect(empty.message).toContain('is no folder that looker stages');
});

it('hands on what a parser throws, and records the run as failed', async () => {
  const { project, projectDir, env } = await projectOn((await looker()).baseUrl);
  const thrown = new Error('mine');
  const parser = { parse: () => Promise.reject(thrown) };
  const options = { project, connectionId: 'looker', adapter: 'looker', looker: { parser }, env };
  expect(await failureOf(() => runLocalIngest(options))).toBe(thrown);
  await expect(listKtxRuns({ projectDir, source: 'looker' })).resolves.toMatchObject([
    { status: 'failed', error: 'mine' },
  ]);
});

it('ends as interrupted when its signal fires, and has ended when it says so', async () => {
  const controller = new AbortController();
  const instance = await httpServer(() => controller.abort());
  const { project, projectDir, env } = await projectOn(instance.baseUrl);
  const { signal } = controller;
  const ingest = { project, connectionId: 'looker', adapter: 'looker', env, signal };
  expect(await failureOf(() => runLocalIngest(ingest))).toBe(signal.reason);
  const runs = await listKtxRuns({ projectDir });
  expect(runs).toMatchObject([{ status: 'failed', error: 'interrupted' }]);
  // The signal has fired already: this one does not even begin.
  expect(await failureOf(() => runLocalIngest(ingest))).toBe(signal.reason);
  await expect(listKtxRuns({ projectDir })).resolves.toEqual(runs);
});

it('refuses what it does not know, and what the project does not enable', async () => {
  const { project, env } = await projectOn('https://looker.example.com');
  const run = (connectionId: string, adapter: string) =>
    errorOf(() => runLocalIngest({ project, connectionId, adapter, env }));
  expect(await run('looker', 'loker')).toMatchObject({
    code: 'KTX_ADAPTER_UNKNOWN',
    message: 'There is no adapter loker; did you mean looker?',
  });
  expect((await run('shop', 'historic-sql')).code).toBe('KTX_ADAPTER_DISABLED');
  expect((await run('shp', 'looker')).code).toBe('KTX_CONNECTION_UNKNOWN');
  expect((await run('shop', 'looker')).code).toBe('KTX_CONNECTION_INVALID');
});

it('scans by a loaded project and the options of its adapters', async () => {
  const { project } = await projectOn('https://looker.example.com');
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
