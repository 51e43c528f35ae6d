/** The page `changes`: scans and ingests as a time line. */

import { readCommand } from '../../site/command-line.js';
import { Command } from '../../view/parts/command.js';
import { Failure } from '../../view/parts/failure.js';
import { Chart } from './chart.js';
import type { ChangesData } from './data.js';
import { Filter } from './filter.js';
import { groupByDay, lanesOf } from './group.js';
import { RunItem } from './run-item.js';
import './style.css';

/** The view. */
export function ChangesView({ data: { runs, failure, unread } }: { data: ChangesData }) {
  const lanes = lanesOf(runs);
  const laneOf = new Map(lanes.flatMap(({ connections }, lane) => connections.map((id) => [id, lane] as const)));
  return (
    <div className="changes-page">
      <h1>Changes</h1>
      <Failure failure={failure} />
      {runs.length === 0 && failure === null && <NoRuns unread={unread} />}
      <Chart runs={runs} />
      <Filter lanes={lanes} runs={runs.length} />
      {groupByDay(runs).map(({ date, runs: ofDay }) => (
        <section key={`${date} ${ofDay[0]?.runId}`} className="timeline-day" aria-label={date}>
          <h2>{date}</h2>
          <ol className="timeline">
            {ofDay.map((run) => (
              <RunItem key={run.runId} run={run} lane={laneOf.get(run.connectionId)} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function NoRuns({ unread }: Pick<ChangesData, 'unread'>) {
  const command = unread === null ? ['ktx', 'setup'] : readCommand(unread, '', true);
  return (
    <p className="notice">
      No runs yet. Start the first scan with <Command>{command}</Command>: from the second one on, this page shows what
      has changed.
    </p>
  );
}
