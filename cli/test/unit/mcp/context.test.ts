import type { KtxProject } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import type { RunLocalIngestOptions, RunLocalScanOptions } from '../../../src/ingest/local-ingest.js';
import { createLocalProjectMcpContextPorts } from '../../../src/mcp/context/create.js';
import { scanReport } from '../../support/reports.js';

const project = { projectDir: '/shop' } as KtxProject;

describe('createLocalProjectMcpContextPorts', () => {
  it('passes local ingest pull-config options into runLocalIngest', async () => {
    const runLocalIngest = vi.fn(async (_: RunLocalIngestOptions) => ({
      result: { ok: true },
      report: {
        id: 'report-1',
        runId: 'run-1',
        jobId: 'job-1',
        sourceKey: 'looker',
        connectionId: 'warehouse',
        body: {
          syncId: 'sync-1',
          workUnits: [],
          failedWorkUnits: [],
          diffSummary: { added: 0, modified: 0, deleted: 0, unchanged: 0 },
          provenanceRows: [],
        },
      },
    }));
    const pullConfigOptions = { looker: { daemonBaseUrl: 'http://127.0.0.1:61234' } } as never;
    const ports = createLocalProjectMcpContextPorts(project, {
      localIngest: { adapters: [{ source: 'looker' }], pullConfigOptions, runLocalIngest },
    });
    await expect(
      ports.ingest.run({ adapter: 'looker', connectionId: 'warehouse', trigger: 'manual_resync', config: {} }),
    ).resolves.toMatchObject({ runId: 'run-1', jobId: 'job-1', reportId: 'report-1' });
    expect(runLocalIngest).toHaveBeenCalledWith(expect.objectContaining({ pullConfigOptions }));
    expect(runLocalIngest.mock.calls[0]?.[0].pullConfigOptions).toBe(pullConfigOptions);
  });

  it('resolves the source folder against the project, and passes cancellation and progress', async () => {
    const runLocalIngest = vi.fn(async (options: RunLocalIngestOptions) => {
      options.onProgress?.({ phase: 'fetch', message: 'Reading', done: 1, total: 2 });
      return { report: scanReport() };
    });
    const { ingest } = createLocalProjectMcpContextPorts(project, {
      localIngest: { adapters: [], runLocalIngest, jobIdFactory: () => 'job-7' },
    });
    const { signal } = new AbortController();
    const onProgress = vi.fn();
    const request = { adapter: 'looker', connectionId: 'warehouse', config: { sourceDir: 'staged' } };
    await expect(ingest.run(request, { signal, onProgress })).resolves.toMatchObject({
      jobId: 'job-7',
      reportId: 'run-1',
    });
    expect(runLocalIngest.mock.calls[0]?.[0]).toMatchObject({ jobId: 'job-7', signal });
    expect(runLocalIngest.mock.calls[0]?.[0].sourceDir).toMatch(/shop.staged$/);
    expect(onProgress).toHaveBeenCalledExactlyOnceWith('Reading (1/2)');
  });

  it('runs a scan with the trigger mcp', async () => {
    const runLocalScan = vi.fn(async (_: RunLocalScanOptions) => ({}) as never);
    const { scan } = createLocalProjectMcpContextPorts(project, {
      localIngest: {
        adapters: [],
        pullConfigOptions: { databaseIntrospectionUrl: 'http://127.0.0.1:8765' },
        runLocalScan,
      },
    });
    await scan.run({ connectionId: 'warehouse', dryRun: true });
    expect(runLocalScan.mock.calls[0]?.[0]).toMatchObject({
      projectDir: '/shop',
      connectionId: 'warehouse',
      dryRun: true,
      trigger: 'mcp',
      databaseIntrospectionUrl: 'http://127.0.0.1:8765',
    });
  });
});
