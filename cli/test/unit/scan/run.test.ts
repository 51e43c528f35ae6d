import type { KtxProject } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { InterruptedError } from '../../../src/errors.js';
import type { RunLocalScanOptions } from '../../../src/ingest/local-ingest.js';
import { type KtxScanArgs, runKtxScan } from '../../../src/scan/run.js';
import { daemonOptionsOf } from '../../support/daemon-options.js';
import { makeIo } from '../../support/io.js';
import { scanReport, scanResult } from '../../support/reports.js';

type ScanOptions = RunLocalScanOptions;

const project: KtxProject = {
  projectDir: '/shop',
  configPath: '/shop/ktx.yaml',
  name: 'shop',
  connections: [],
  warnings: ['ktx.yaml:2:1: unknown key "conections", did you mean "connections"?'],
};
const loadKtxProject = async () => project;

const run: Extract<KtxScanArgs, { command: 'run' }> = {
  command: 'run',
  projectDir: '/shop',
  connectionId: 'warehouse',
  mode: 'structural',
  detectRelationships: false,
  dryRun: false,
  cliVersion: '0.2.0',
  runtimeInstallPolicy: 'auto',
};

const finished = () => scanResult({ warnings: ['public.x has no columns'] });

describe('runKtxScan', () => {
  it('passes managed daemon options to local ingest adapters when no explicit daemon URL is set', async () => {
    const { io } = makeIo();
    const adapters = [{ source: 'live-database' }];
    const createLocalIngestAdapters = vi.fn(() => adapters);
    const runLocalScan = vi.fn(async (_: ScanOptions) => finished());
    await expect(runKtxScan(run, io, { loadKtxProject, createLocalIngestAdapters, runLocalScan })).resolves.toBe(0);
    expect(createLocalIngestAdapters).toHaveBeenCalledExactlyOnceWith(project, {
      managedDaemon: { cliVersion: '0.2.0', installPolicy: 'auto', io },
    });
    expect(runLocalScan).toHaveBeenCalledExactlyOnceWith({
      project,
      projectDir: '/shop',
      connectionId: 'warehouse',
      mode: 'structural',
      detectRelationships: false,
      dryRun: false,
      trigger: 'cli',
      adapters,
      managedDaemon: daemonOptionsOf(io),
      onProgress: expect.any(Function),
    });
    expect(runLocalScan.mock.calls[0]?.[0].managedDaemon?.io).toBe(io);
  });

  it('omits the managed daemon if a daemon URL is set', async () => {
    const createLocalIngestAdapters = vi.fn(() => []);
    const runLocalScan = vi.fn(async (_: ScanOptions) => finished());
    const databaseIntrospectionUrl = 'http://127.0.0.1:8765';
    const args = { ...run, databaseIntrospectionUrl };
    await runKtxScan(args, makeIo().io, { loadKtxProject, createLocalIngestAdapters, runLocalScan });
    expect(createLocalIngestAdapters).toHaveBeenCalledExactlyOnceWith(project, { databaseIntrospectionUrl });
    const options = runLocalScan.mock.calls[0]?.[0];
    expect(options).toMatchObject({ databaseIntrospectionUrl });
    expect(options).not.toHaveProperty('managedDaemon');
  });

  it('renders an incomplete report of a host', async () => {
    const { io, stdout } = makeIo();
    const runLocalScan = async () => ({ ...finished(), report: { runId: 'scan-run-1' } }) as never;
    await expect(runKtxScan(run, io, { loadKtxProject, runLocalScan })).resolves.toBe(0);
    expect(stdout()).toContain('scan-run-1');
  });

  it('passes the abort signal to runLocalScan', async () => {
    const { signal } = new AbortController();
    const runLocalScan = vi.fn(async (_: ScanOptions) => finished());
    await runKtxScan(run, makeIo({ signal }).io, { loadKtxProject, runLocalScan });
    expect(runLocalScan.mock.calls[0]?.[0].signal).toBe(signal);
  });

  it('says that the run is complete when embeddings are interrupted, and only then', async () => {
    const interruptIn = async (phase: 'stage' | 'embed') => {
      const interruption = new AbortController();
      const runLocalScan = async (options: ScanOptions) => {
        options.onProgress?.({ phase, message: 'Working' });
        interruption.abort(new InterruptedError());
        throw interruption.signal.reason;
      };
      const { io } = makeIo({ signal: interruption.signal });
      return runKtxScan(run, io, { loadKtxProject, runLocalScan }).catch((error: unknown) => error);
    };
    await expect(interruptIn('stage')).resolves.toMatchObject({ code: 'KTX_INTERRUPTED', next: undefined });
    await expect(interruptIn('embed')).resolves.toMatchObject({
      code: 'KTX_INTERRUPTED',
      next: 'The run is complete; the next run or search goes on with the embeddings',
    });
  });

  it('prints the result to stdout, progress and warnings to stderr', async () => {
    const { io, stdout, stderr } = makeIo();
    const runLocalScan = async (options: ScanOptions) => {
      options.onProgress?.({ phase: 'stage', message: 'Staging', done: 1, total: 2 });
      return finished();
    };
    await runKtxScan(run, io, { loadKtxProject, runLocalScan });
    expect(stdout()).toMatch(/^Scanned warehouse in 1\.5 s\n\+2 added/);
    expect(stderr()).toBe(
      [
        'Warning: ktx.yaml:2:1: unknown key "conections", did you mean "connections"?',
        'Staging (1/2)',
        'Warning: public.x has no columns',
        '',
      ].join('\n'),
    );
  });

  it('prints the complete result as one JSON document', async () => {
    const { io, stdout } = makeIo();
    await runKtxScan({ ...run, json: true }, io, { loadKtxProject, runLocalScan: async () => finished() });
    expect(JSON.parse(stdout())).toEqual(finished());
  });

  it('lists scans only, and rejects a run of another source', async () => {
    const { io, stdout } = makeIo();
    const listKtxRuns = vi.fn(async (_: object) => [scanReport()]);
    await runKtxScan({ command: 'status', projectDir: '/shop' }, io, { loadKtxProject, listKtxRuns });
    expect(listKtxRuns).toHaveBeenCalledWith({ projectDir: '/shop', source: 'live-database', limit: 21 });
    expect(stdout()).not.toContain('--all');
    const readKtxRun = async () => scanReport({ source: 'looker' });
    const report = { command: 'report', projectDir: '/shop', runId: 'run-1' } as const;
    await expect(runKtxScan(report, io, { loadKtxProject, readKtxRun })).rejects.toMatchObject({
      code: 'KTX_RUN_UNKNOWN',
      message: 'Run run-1 is a looker run, not a scan',
    });
  });

  it('lists the last 20 scans and says that there are older ones, or lists all', async () => {
    const listKtxRuns = async ({ limit = 100 }: { limit?: number }) =>
      Array.from({ length: limit }, () => scanReport());
    const listed = async (flags: object) => {
      const { io, stdout, stderr } = makeIo();
      await runKtxScan({ command: 'status', projectDir: '/shop', ...flags }, io, { loadKtxProject, listKtxRuns });
      return { rows: stdout().match(/^run-1\b/gm)?.length, stdout: stdout(), stderr: stderr() };
    };
    const note = 'There are older ones: list them with --all\n';
    const short = await listed({});
    expect(short.rows).toBe(20);
    expect(short.stdout.endsWith(note)).toBe(true);
    const csv = await listed({ format: 'csv' });
    expect(csv.rows).toBe(20);
    expect(csv.stdout).not.toContain(note);
    expect(csv.stderr.endsWith(note)).toBe(true);
    const json = await listed({ json: true });
    expect(JSON.parse(json.stdout).runs).toHaveLength(20);
    expect(json.stderr.endsWith(note)).toBe(true);
    const all = await listed({ all: true });
    expect(all.rows).toBe(100);
    expect(all.stdout).not.toContain(note);
  });

  it('prunes scans of one or all connections, and only with --yes', async () => {
    const pruned = { removed: [], bytes: 0, kept: 2 };
    const pruneKtxScans = vi.fn(async () => pruned);
    const prune = async (flags: object) => {
      const { io, stdout } = makeIo();
      const args = { command: 'prune', projectDir: '/shop', keep: 2, dryRun: false, yes: false, ...flags } as const;
      await runKtxScan(args, io, { loadKtxProject, pruneKtxScans });
      return stdout();
    };
    await expect(prune({})).rejects.toMatchObject({
      code: 'KTX_ARGUMENT_INVALID',
      message: 'Refusing to prune without --yes. Preview with: ktx scan prune --keep 2 --dry-run',
    });
    expect(pruneKtxScans).not.toHaveBeenCalled();
    expect(await prune({ yes: true })).toBe('Nothing to remove: 2 scans kept\n');
    const json = await prune({ connectionId: 'local', dryRun: true, json: true });
    expect(JSON.parse(json)).toEqual({ ...pruned, dryRun: true });
    expect(pruneKtxScans.mock.calls).toEqual([
      [{ projectDir: '/shop', keep: 2, dryRun: false }],
      [{ projectDir: '/shop', connectionId: 'local', keep: 2, dryRun: true }],
    ]);
  });
});
