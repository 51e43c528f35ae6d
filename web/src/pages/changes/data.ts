/** Data of the page `changes`. */

import type { LoadContext } from '../../node/context.js';
import { runRecord } from '../../node/project-data.js';
import type { ReadFailure } from '../../site/failure.js';
import { type RunSummary, summaryOf } from '../../site/run-summary.js';
import { CHANGE_KINDS, type ChangeOfEntity } from '../../site/run-words.js';

/** Number of changed entities of a run that are named. */
const MAX_NAMES = 4;

/** A run of the time line. */
export interface TimelineRun extends RunSummary {
  /** The first changed entities; none if their names are hashes. */
  names: { name: string; change: ChangeOfEntity }[];
  /** Number of warnings. */
  warnings: number;
}

/** Data of the page. */
export interface ChangesData {
  /** The newest first. */
  runs: TimelineRun[];
  /** Why the runs cannot be read. */
  failure: ReadFailure | null;
  /** A connection to a database that was not scanned, if no run is recorded. */
  unread: string | null;
}

/** Loads the data. */
export async function loadChanges(context: LoadContext): Promise<ChangesData> {
  const { runs, failure } = await runRecord(context);
  const unread = runs.length === 0 ? (context.databases[0]?.id ?? null) : null;
  return { runs: runs.map(timelineRun), failure, unread };
}

function timelineRun(run: Parameters<typeof summaryOf>[0]): TimelineRun {
  const { changes, descriptions, warnings } = run;
  const names = descriptions === undefined ? CHANGE_KINDS.flatMap((change) => named(changes[change], change)) : [];
  return { ...summaryOf(run), names: names.slice(0, MAX_NAMES), warnings: warnings.length };
}

function named(names: string[], change: ChangeOfEntity): TimelineRun['names'] {
  return names.slice(0, MAX_NAMES).map((name) => ({ name, change }));
}
