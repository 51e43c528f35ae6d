/** Reports of runs as agents need them: an answer of a scan of thousands of tables is not about each. */

import type { KtxRunReport } from '@kaelio/ktx';

/** Names of changes that the answer of a run has. */
const MAX_NAMES = 20;

/** A run without its lists. */
export function summaryOf(report: KtxRunReport) {
  const { changes: _changes, workUnits: _workUnits, details: _details, warnings: _warnings, ...summary } = report;
  const { descriptions: _descriptions, profileChanges: _profileChanges, ...facts } = summary;
  return facts;
}

/** A run with its warnings and the first names of its changes; `run_get` has the others. */
export function briefReport(report: KtxRunReport) {
  const { changes, warnings } = report;
  const first = (names: string[]) => names.slice(0, MAX_NAMES);
  const isCut = Object.values(changes).some((names) => names.length > MAX_NAMES);
  return {
    ...summaryOf(report),
    ...(isCut ? { hint: `At most ${MAX_NAMES} names of each kind: run_get has all` } : {}),
    changes: { added: first(changes.added), modified: first(changes.modified), deleted: first(changes.deleted) },
    warnings,
  };
}
