/** The report inside what a run answered. */

import type { KtxDiffSummary, KtxRunReport } from '@kaelio/ktx';

type Fields = Record<string, unknown>;

/**
 * Reads the report of a run's result as the views need it.
 *
 * An injected run belongs to its host: its report may nest what it counted under `body`, name the source `sourceKey`,
 * or lack parts. What is missing is empty here, and `known` says what the caller asked for.
 */
export function reportOf(result: unknown, known: { connectionId: string; source: string }): KtxRunReport {
  const outer = fields(result);
  const report = fields(outer.report);
  const found: Fields = { ...outer, ...fields(report.body), ...report };
  const changes = fields(found.changes);
  return {
    ...report,
    runId: text(found.runId) ?? text(found.jobId) ?? '',
    connectionId: text(found.connectionId) ?? known.connectionId,
    source: text(found.source) ?? text(found.sourceKey) ?? known.source,
    status: found.status === 'failed' || found.status === 'running' ? found.status : 'done',
    dryRun: found.dryRun === true,
    syncId: text(found.syncId) ?? '',
    startedAt: text(found.startedAt) ?? '',
    finishedAt: text(found.startedAt) === undefined ? null : (text(found.finishedAt) ?? null),
    diffSummary: counts(fields(found.diffSummary)),
    changes: { added: texts(changes.added), modified: texts(changes.modified), deleted: texts(changes.deleted) },
    workUnits: Array.isArray(found.workUnits) ? found.workUnits : [],
    warnings: texts(found.warnings),
    error: text(found.error) ?? null,
  };
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function counts(summary: Fields): KtxDiffSummary {
  const count = (value: unknown) => (typeof value === 'number' ? value : 0);
  return {
    added: count(summary.added),
    modified: count(summary.modified),
    deleted: count(summary.deleted),
    unchanged: count(summary.unchanged),
  };
}
