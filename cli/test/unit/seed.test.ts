import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initKtxProject, type LocalScanRunResult } from '@kaelio/ktx';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runKtxCli } from '../../src/cli.js';
import type { RunLocalIngestOptions, RunLocalScanOptions } from '../../src/ingest/local-ingest.js';
import { type KtxIngestArgs, runKtxIngest } from '../../src/ingest/run.js';
import { packageVersion } from '../../src/package-info.js';
import { runKtxScan } from '../../src/scan/run.js';
import { makeIo } from '../support/io.js';
import { scanReport } from '../support/reports.js';

// Test cases of the seed document for ingest, scan and their flags. Those for the MCP server are in serve/run.test.ts and
// mcp/context.test.ts.

let tempDir: string;

beforeEach(async () => {
  tempDir = await realpath(await mkdtemp(join(tmpdir(), 'ktx-seed-')));
  await initKtxProject({ projectDir: tempDir, projectName: 'managed-daemon-project' });
});

afterEach(() => rm(tempDir, { recursive: true, force: true }));

describe('runKtxIngest', () => {
  const run = {
    command: 'run',
    connectionId: 'warehouse',
    adapter: 'fake',
    cliVersion: '0.2.0',
    runtimeInstallPolicy: 'auto',
    outputMode: 'plain',
  } satisfies Omit<Extract<KtxIngestArgs, { command: 'run' }>, 'projectDir'>;

  // The result of a run of a host differs from that of the addon.
  const completedLocalBundleRun = (input: RunLocalIngestOptions, jobId: string) => ({
    result: { ok: true },
    report: {
      id: 'report-1',
      runId: 'run-1',
      jobId,
      sourceKey: input.adapter,
      connectionId: input.connectionId,
      body: {
        syncId: 'sync-1',
        workUnits: [],
        failedWorkUnits: [],
        diffSummary: { added: 3, modified: 0, deleted: 0, unchanged: 0 },
        provenanceRows: [],
      },
    },
  });

  const mocks = () => ({
    createAdapters: vi.fn(() => [
      { source: 'fake', skillNames: [], detect: async () => true, chunk: async () => ({ workUnits: [] }) },
    ]),
    runLocalIngest: vi.fn(async (input: RunLocalIngestOptions) => completedLocalBundleRun(input, input.jobId)),
    jobIdFactory: () => 'local-job-1',
  });

  it('passes managed daemon options to adapters and pull-config options when no explicit daemon URL is set', async () => {
    const deps = mocks();
    const io = makeIo();
    await expect(runKtxIngest({ ...run, projectDir: tempDir }, io.io, deps)).resolves.toBe(0);

    const expectedManagedDaemon = { cliVersion: '0.2.0', installPolicy: 'auto', io: io.io };
    expect(deps.createAdapters).toHaveBeenCalledWith(expect.objectContaining({ projectDir: tempDir }), {
      managedDaemon: expectedManagedDaemon,
    });
    expect(deps.runLocalIngest).toHaveBeenCalledWith(
      expect.objectContaining({
        adapters: deps.createAdapters.mock.results[0]?.value,
        jobId: 'local-job-1',
        pullConfigOptions: { managedDaemon: expectedManagedDaemon },
      }),
    );
    expect(io.stdout()).toMatch(/^Ingested warehouse with fake\n\+3 added/);
  });

  it('passes daemon database introspection URL to default local ingest adapters', async () => {
    const deps = mocks();
    const options = { databaseIntrospectionUrl: 'http://127.0.0.1:8765' };
    await expect(runKtxIngest({ ...run, ...options, projectDir: tempDir }, makeIo().io, deps)).resolves.toBe(0);
    expect(deps.createAdapters).toHaveBeenCalledWith(expect.objectContaining({ projectDir: tempDir }), options);
    expect(deps.runLocalIngest).toHaveBeenCalledWith(expect.objectContaining({ pullConfigOptions: options }));
  });
});

describe('runKtxScan', () => {
  it('passes managed daemon options to local ingest adapters when no explicit daemon URL is set', async () => {
    const createLocalIngestAdapters = vi.fn(() => []);
    const runLocalScan = vi.fn(
      async (_input: RunLocalScanOptions): Promise<LocalScanRunResult> => ({
        runId: 'scan-run-1',
        status: 'done',
        done: true,
        connectionId: 'warehouse',
        mode: 'structural',
        dryRun: false,
        syncId: 'sync-1',
        report: scanReport(),
      }),
    );
    const io = makeIo();
    await expect(
      runKtxScan(
        {
          command: 'run',
          projectDir: tempDir,
          connectionId: 'warehouse',
          mode: 'structural',
          detectRelationships: false,
          dryRun: false,
          cliVersion: '0.2.0',
          runtimeInstallPolicy: 'auto',
        },
        io.io,
        { runLocalScan, createLocalIngestAdapters },
      ),
    ).resolves.toBe(0);
    expect(createLocalIngestAdapters).toHaveBeenCalledWith(expect.objectContaining({ projectDir: tempDir }), {
      managedDaemon: { cliVersion: '0.2.0', installPolicy: 'auto', io: io.io },
    });
  });
});

describe('runKtxCli', () => {
  const words = ['dev', 'ingest', 'run', '--connection-id', 'warehouse', '--adapter', 'looker'];
  const conflict = 'Choose only one runtime install mode: --yes or --no-input';

  it('routes dev ingest run', async () => {
    const io = makeIo();
    const ingest = vi.fn(async () => 0);
    await expect(runKtxCli([...words, '--project-dir', tempDir, '--no-input'], io.io, { ingest })).resolves.toBe(0);
    expect(ingest).toHaveBeenCalledWith(
      {
        command: 'run',
        projectDir: tempDir,
        connectionId: 'warehouse',
        adapter: 'looker',
        sourceDir: undefined,
        databaseIntrospectionUrl: undefined,
        cliVersion: packageVersion(),
        runtimeInstallPolicy: 'never',
        outputMode: 'plain',
      },
      io.io,
    );
  });

  it('routes ingest managed runtime install policies', async () => {
    const [autoIo, conflictIo] = [makeIo(), makeIo()];
    const ingest = vi.fn(async () => 0);
    const argv = [...words, '--project-dir', tempDir, '--yes'];
    await expect(runKtxCli(argv, autoIo.io, { ingest })).resolves.toBe(0);
    await expect(runKtxCli([...argv, '--no-input'], conflictIo.io, { ingest })).resolves.toBe(1);
    expect(ingest).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ command: 'run', cliVersion: packageVersion(), runtimeInstallPolicy: 'auto' }),
      autoIo.io,
    );
    expect(conflictIo.stderr()).toContain(conflict);
  });

  it('routes scan managed runtime install policies', async () => {
    const [autoIo, neverIo, promptIo, conflictIo] = [makeIo(), makeIo(), makeIo(), makeIo()];
    const scan = vi.fn().mockResolvedValue(0);
    const argv = ['--project-dir', tempDir, 'dev', 'scan', 'warehouse'];
    await expect(runKtxCli([...argv, '--yes'], autoIo.io, { scan })).resolves.toBe(0);
    await expect(runKtxCli([...argv, '--no-input'], neverIo.io, { scan })).resolves.toBe(0);
    await expect(runKtxCli(argv, promptIo.io, { scan })).resolves.toBe(0);
    await expect(runKtxCli([...argv, '--yes', '--no-input'], conflictIo.io, { scan })).resolves.toBe(1);
    expect(scan.mock.calls).toEqual([
      [expect.objectContaining({ command: 'run', runtimeInstallPolicy: 'auto' }), autoIo.io],
      [expect.objectContaining({ command: 'run', runtimeInstallPolicy: 'never' }), neverIo.io],
      [
        expect.objectContaining({ command: 'run', cliVersion: packageVersion(), runtimeInstallPolicy: 'prompt' }),
        promptIo.io,
      ],
    ]);
    expect(conflictIo.stderr()).toContain(conflict);
  });
});
