/** Example reports. */

import type { KtxRunReport, LocalScanRunResult } from '@kaelio/ktx';

/** Report of a finished first scan of two tables; `overrides` replaces fields. */
export function scanReport(overrides: Partial<KtxRunReport> = {}): KtxRunReport {
  return {
    runId: 'run-1',
    connectionId: 'warehouse',
    source: 'live-database',
    status: 'done',
    dryRun: false,
    syncId: '20260511T120000Z-a1',
    startedAt: '2026-05-11T12:00:00.000Z',
    finishedAt: '2026-05-11T12:00:01.500Z',
    diffSummary: { added: 2, modified: 0, deleted: 0, unchanged: 0 },
    changes: { added: ['public.orders', 'public.stores'], modified: [], deleted: [] },
    workUnits: [{ key: 'public', entities: ['public.orders', 'public.stores'] }],
    warnings: [],
    error: null,
    ...overrides,
  };
}

/** A finished scan; `overrides` replaces fields of its report. */
export function scanResult(overrides: Partial<KtxRunReport> = {}): LocalScanRunResult {
  const report = scanReport(overrides);
  const { runId, connectionId, dryRun, syncId } = report;
  return { runId, status: 'done', done: true, connectionId, mode: 'structural', dryRun, syncId, report };
}
