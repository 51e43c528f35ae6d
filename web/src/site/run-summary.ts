/** What lists of runs show of each. */

import type { KtxDiffSummary, KtxRunReport, KtxScanMode } from '@kaelio/ktx';

/** A run without its changes. */
export interface RunSummary {
  runId: string;
  connectionId: string;
  /** Adapter, such as `live-database`. */
  source: string;
  status: KtxRunReport['status'];
  /** Of a scan. */
  mode: KtxScanMode | null;
  environment: string | null;
  dryRun: boolean;
  /** ISO 8601. */
  startedAt: string;
  /** Duration in milliseconds; `null` until it has finished. */
  took: number | null;
  counts: KtxDiffSummary;
}

/** Summarises a run. */
export function summaryOf(run: KtxRunReport): RunSummary {
  const { runId, connectionId, source, status, mode = null, environment = null, dryRun, startedAt } = run;
  const took = run.finishedAt === null ? null : Date.parse(run.finishedAt) - Date.parse(startedAt);
  return { runId, connectionId, source, status, mode, environment, dryRun, startedAt, took, counts: run.diffSummary };
}

/** The newest run that is not a dry run, of a connection and an environment; runs have the newest first. */
export function newestRun(
  runs: KtxRunReport[],
  { connectionId, source, environment }: { connectionId: string; source: string; environment: string | undefined },
): KtxRunReport | undefined {
  return runs.find(
    (run) =>
      run.connectionId === connectionId &&
      run.source === source &&
      !run.dryRun &&
      run.status !== 'running' &&
      (run.environment ?? null) === (environment ?? null),
  );
}

/** Adapter of the scans of databases. */
export const SCAN_SOURCE = 'live-database';
