/** Groups the runs of the time line. */

import type { RunSummary } from '../../site/run-summary.js';

/** The runs of a day in UTC, in the order of the list. */
export interface Day<Run> {
  /** `2026-05-04` */
  date: string;
  runs: Run[];
}

/** Groups runs, the newest first, by day. */
export function groupByDay<Run extends Pick<RunSummary, 'startedAt'>>(runs: Run[]): Day<Run>[] {
  const days: Day<Run>[] = [];
  for (const run of runs) {
    const date = run.startedAt.slice(0, 10);
    const last = days.at(-1);
    if (last?.date === date) last.runs.push(run);
    else days.push({ date, runs: [run] });
  }
  return days;
}

/** Number of connections that can be selected; the styles have a rule for each. */
export const MAX_LANES = 12;

/** A selection of the time line: the runs of a connection, or of all that have no selection of their own. */
export interface Lane {
  title: string;
  connections: string[];
  runs: number;
}

/** The selections, by the number of their runs; none if all runs are of one connection. */
export function lanesOf(runs: Pick<RunSummary, 'connectionId'>[]): Lane[] {
  const counts = new Map<string, number>();
  for (const { connectionId } of runs) counts.set(connectionId, (counts.get(connectionId) ?? 0) + 1);
  if (counts.size < 2) return [];
  const all = [...counts].sort(([left, one], [right, other]) => other - one || (left < right ? -1 : 1));
  const own = all.length <= MAX_LANES ? all.length : MAX_LANES - 1;
  const lanes = all.slice(0, own).map(([id, count]) => ({ title: id, connections: [id], runs: count }));
  const rest = all.slice(own);
  if (rest.length === 0) return lanes;
  const runsOfRest = rest.reduce((sum, [, count]) => sum + count, 0);
  return [...lanes, { title: 'others', connections: rest.map(([id]) => id), runs: runsOfRest }];
}
