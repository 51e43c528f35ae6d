/** Scans of a server in this process, which tests end. */

import { vi } from 'vitest';
import type { KtxMcpCall } from '../../src/mcp/call.js';
import type { KtxMcpContextTools } from '../../src/mcp/context-tools.js';
import { scanReport } from './reports.js';

type ScanTools = NonNullable<KtxMcpContextTools['scan']>;

const report = scanReport();

/** A request of such a scan. */
export const SCAN = { name: 'scan_run', arguments: { connectionId: 'warehouse' } };

/** What a scan returns. */
export const finishedScan: ScanTools['run'] = async ({ connectionId, dryRun = false }) => ({
  runId: report.runId,
  status: 'done',
  done: true,
  connectionId,
  mode: 'structural',
  dryRun,
  syncId: report.syncId,
  report,
});

/** The tools of a server that scans with this function. */
export function scanTools(run: ScanTools['run'], ask?: ScanTools['ask']): KtxMcpContextTools {
  return { scan: { run, report: async () => report, ...(ask === undefined ? {} : { ask }) } };
}

/** A scan that runs until it is ended or aborted; `started` resolves when it runs. */
export function createScan() {
  const aborted = vi.fn();
  let begin = (_: Started) => {};
  const started = new Promise<Started>((resolve) => {
    begin = resolve;
  });
  const run: ScanTools['run'] = (request, call = {}) =>
    new Promise((resolve, reject) => {
      call.signal?.addEventListener('abort', () => {
        aborted();
        reject(call.signal?.reason);
      });
      begin({ finish: () => resolve(finishedScan(request)), fail: reject, call });
    });
  return { tools: scanTools(run), started, aborted };
}

interface Started {
  finish(): void;
  fail(error: Error): void;
  call: KtxMcpCall;
}
