import type { KtxProject } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import type { RunLocalIngestOptions } from '../../../src/ingest/local-ingest.js';
import { type KtxIngestArgs, type KtxIngestDeps, runKtxIngest } from '../../../src/ingest/run.js';
import { makeIo } from '../../support/io.js';
import { scanReport } from '../../support/reports.js';

const project: KtxProject = {
  projectDir: '/shop',
  configPath: '/shop/ktx.yaml',
  name: 'shop',
  connections: [],
  warnings: [],
};
const loadKtxProject = async () => project;

/** A database and a Looker. */
const CONNECTIONS = [
  { id: 'warehouse', driver: 'postgres', readonly: true },
  { id: 'bi', driver: 'looker', readonly: true },
] as KtxProject['connections'];

const run: Extract<KtxIngestArgs, { command: 'run' }> = {
  command: 'run',
  projectDir: '/shop',
  connectionId: 'warehouse',
  adapter: 'looker',
  cliVersion: '0.2.0',
  runtimeInstallPolicy: 'auto',
  outputMode: 'plain',
};

const adapters = [{ source: 'looker' }];

function ingestResult(input: RunLocalIngestOptions) {
  const report = scanReport({
    source: input.adapter,
    connectionId: input.connectionId,
    warnings: ['a.b has no table'],
  });
  const { runId, syncId } = report;
  return {
    runId,
    jobId: input.jobId ?? 'job',
    status: 'done' as const,
    done: true as const,
    connectionId: input.connectionId,
    adapter: input.adapter,
    syncId,
    report,
  };
}

function mocks() {
  return {
    loadKtxProject,
    createAdapters: vi.fn(() => adapters),
    runLocalIngest: vi.fn(async (input: RunLocalIngestOptions) => ingestResult(input)),
    jobIdFactory: () => 'local-job-1',
  } satisfies KtxIngestDeps;
}

describe('runKtxIngest', () => {
  it('passes the project, the adapters and the arguments to runLocalIngest', async () => {
    const deps = mocks();
    const { signal } = new AbortController();
    const { io } = makeIo({ signal });
    await runKtxIngest({ ...run, sourceDir: '/staged' }, io, deps);
    const managedDaemon = { cliVersion: '0.2.0', installPolicy: 'auto', io };
    expect(deps.runLocalIngest).toHaveBeenCalledExactlyOnceWith({
      project,
      adapters,
      adapter: 'looker',
      connectionId: 'warehouse',
      sourceDir: '/staged',
      trigger: 'manual_resync',
      jobId: 'local-job-1',
      pullConfigOptions: { managedDaemon },
      onProgress: expect.any(Function),
      signal,
    });
    expect(deps.runLocalIngest.mock.calls[0]?.[0].pullConfigOptions?.managedDaemon?.io).toBe(io);
  });

  it.each([
    ['live-database', 'warehouse'],
    ['historic-sql', 'warehouse'],
    ['looker', 'bi'],
  ])('pulls with %s from the only matching connection', async (adapter, connectionId) => {
    const deps = { ...mocks(), loadKtxProject: async () => ({ ...project, connections: CONNECTIONS }) };
    const { connectionId: _, ...withoutConnection } = { ...run, adapter };
    await runKtxIngest(withoutConnection, makeIo().io, deps);
    expect(deps.runLocalIngest.mock.calls[0]?.[0]).toMatchObject({ adapter, connectionId });
  });

  it.each([
    ['looker', [], 'KTX_CONNECTION_UNKNOWN', 'This project has no connection with the driver looker yet'],
    ['live-database', [], 'KTX_CONNECTION_UNKNOWN', 'This project has no database connection yet'],
    [
      'looker',
      [...CONNECTIONS, { ...CONNECTIONS[1], id: 'bi2' }],
      'KTX_ARGUMENT_INVALID',
      'This project has several connections: bi, bi2',
    ],
  ])('rejects a missing or ambiguous connection for %s', async (adapter, connections, code, message) => {
    const deps = { ...mocks(), loadKtxProject: async () => ({ ...project, connections }) as KtxProject };
    const { connectionId: _, ...withoutConnection } = { ...run, adapter };
    await expect(runKtxIngest(withoutConnection, makeIo().io, deps)).rejects.toMatchObject({ code, message });
    expect(deps.runLocalIngest).not.toHaveBeenCalled();
  });

  it('omits the managed daemon if a daemon URL is set', async () => {
    const deps = mocks();
    const databaseIntrospectionUrl = 'http://127.0.0.1:8765';
    await runKtxIngest({ ...run, databaseIntrospectionUrl }, makeIo().io, deps);
    expect(deps.createAdapters).toHaveBeenCalledExactlyOnceWith(project, { databaseIntrospectionUrl });
    expect(deps.runLocalIngest.mock.calls[0]?.[0].pullConfigOptions).toEqual({ databaseIntrospectionUrl });
  });

  it('passes the connection to the historic-sql adapter only', async () => {
    const deps = mocks();
    const { io } = makeIo();
    await runKtxIngest({ ...run, adapter: 'historic-sql' }, io, deps);
    expect(deps.createAdapters).toHaveBeenCalledExactlyOnceWith(project, {
      managedDaemon: { cliVersion: '0.2.0', installPolicy: 'auto', io },
      historicSqlConnectionId: 'warehouse',
    });
  });

  it.each([
    ['without a version', { cliVersion: undefined }],
    ['without a policy', { runtimeInstallPolicy: undefined }],
  ])('has no managed daemon %s', async (_, missing) => {
    const deps = mocks();
    await runKtxIngest({ ...run, ...missing }, makeIo().io, deps);
    expect(deps.createAdapters).toHaveBeenCalledExactlyOnceWith(project, {});
  });

  it('prints the result to stdout, progress and warnings to stderr', async () => {
    const { io, stdout, stderr } = makeIo();
    const runLocalIngest = async (input: RunLocalIngestOptions) => {
      input.onProgress?.({ phase: 'fetch', message: 'Reading explores', done: 3, total: 60 });
      return ingestResult(input);
    };
    await runKtxIngest(run, io, { ...mocks(), runLocalIngest });
    expect(stdout()).toMatch(/^Ingested warehouse with looker in 1\.5 s\n\+2 added/);
    expect(stdout()).toContain('raw-sources/warehouse/looker/');
    expect(stderr()).toBe('Reading explores (3/60)\nWarning: a.b has no table\n');
  });

  it('prints the complete result as one JSON document', async () => {
    const { io, stdout } = makeIo();
    const deps = mocks();
    await runKtxIngest({ ...run, outputMode: 'json' }, io, deps);
    expect(JSON.parse(stdout())).toEqual(await deps.runLocalIngest.mock.results[0]?.value);
  });

  it('erases the progress when a run fails, and rejects with the same error', async () => {
    const clear = vi.fn();
    const { io } = makeIo({ status: { show: vi.fn(), clear, suspend: vi.fn() } as never });
    const failure = new Error('the server has closed the connection');
    const runLocalIngest = () => Promise.reject(failure);
    await expect(runKtxIngest(run, io, { ...mocks(), runLocalIngest })).rejects.toBe(failure);
    expect(clear).toHaveBeenCalled();
  });

  it('lists the runs of every adapter, and shows one', async () => {
    const list = makeIo();
    const one = makeIo();
    const listKtxRuns = vi.fn(async () => [scanReport({ source: 'looker' }), scanReport()]);
    const deps = { loadKtxProject, listKtxRuns, readKtxRun: async () => scanReport({ source: 'looker' }) };
    await runKtxIngest({ command: 'status', projectDir: '/shop', outputMode: 'plain' }, list.io, deps);
    expect(listKtxRuns).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop', limit: 21 });
    expect(list.stdout()).toMatch(/^RUN +CONNECTION +ADAPTER +STATUS +STARTED +TOOK +CHANGES\n/);
    expect(list.stdout()).toContain('looker');
    const report = { command: 'report', projectDir: '/shop', runId: 'run-1', outputMode: 'plain' } as const;
    await runKtxIngest(report, one.io, deps);
    expect(one.stdout()).toMatch(/Adapter +looker\n/);
    expect(one.stdout()).not.toContain('Work to do');
    const all = makeIo();
    await runKtxIngest({ ...report, all: true }, all.io, deps);
    expect(all.stdout()).toContain('Work to do');
    const csv = makeIo();
    await runKtxIngest({ ...report, format: 'csv' }, csv.io, deps);
    expect(csv.stdout()).toBe('change,name\nadded,public.orders\nadded,public.stores\n');
  });

  it('prints how to start if no run is recorded', async () => {
    const { io, stdout } = makeIo();
    const args = { command: 'status', projectDir: '/shop', outputMode: 'plain' } as const;
    await runKtxIngest(args, io, { loadKtxProject, listKtxRuns: async () => [] });
    expect(stdout()).toBe('No runs yet: start one with ktx ingest run --connection-id ID --adapter ADAPTER\n');
  });
});
