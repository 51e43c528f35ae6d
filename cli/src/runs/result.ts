/** Extracts the report from the result of a run. */

import type { KtxDiffSummary, KtxRunReport } from '@kaelio/ktx';

type Fields = Record<string, unknown>;

/**
 * Normalises the report in the result of a run for the views.
 *
 * A run of a host may nest its counts under `body`, name the source `sourceKey`, or lack fields. Missing fields are
 * empty here, or those of `request`.
 */
export function reportOf(result: unknown, request: { connectionId: string; source: string }): KtxRunReport {
  const outer = fields(result);
  const report = fields(outer.report);
  const found: Fields = { ...outer, ...fields(report.body), ...report };
  const changes = fields(found.changes);
  return {
    ...report,
    runId: text(found.runId) ?? text(found.jobId) ?? '',
    connectionId: text(found.connectionId) ?? request.connectionId,
    source: text(found.source) ?? text(found.sourceKey) ?? request.source,
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
