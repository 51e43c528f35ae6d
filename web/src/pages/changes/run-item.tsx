/** A run of the time line. */

import { countOf, formatNumber, formatTime } from '../../site/format.js';
import { CHANGE_KINDS, CHANGE_SIGNS, diffInWords, durationInWords, kindOfRun } from '../../site/run-words.js';
import { Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { TimelineRun } from './data.js';

/** When it was, what it has read, and what has changed. */
export function RunItem({ run, lane }: { run: TimelineRun; lane: number | undefined }) {
  const { connectionId, status, took, environment, dryRun, warnings } = run;
  return (
    <li className={`timeline-run ${status}${lane === undefined ? '' : ` lane-${lane}`}`}>
      <p className="timeline-head">
        <PageLink to={{ page: 'run', name: run.runId }} className="timeline-link">
          <span className="timeline-time">{formatTime(run.startedAt).slice(11)}</span> <bdi>{connectionId}</bdi>
        </PageLink>{' '}
        <span className="weak">
          <bdi>{kindOfRun(run)}</bdi>
          {took !== null && `, took ${durationInWords(took)}`}
        </span>{' '}
        {status !== 'done' && <span className={`badge ${status}`}>{status}</span>}
        {dryRun && <span className="badge">dry run</span>}
        {environment !== null && (
          <span className="badge">
            <bdi>{environment}</bdi>
          </span>
        )}
        {warnings > 0 && <span className="badge review">{countOf(warnings, 'warning')}</span>}
      </p>
      {status === 'done' && <p>{diffInWords(run)}</p>}
      <Names run={run} />
    </li>
  );
}

function Names({ run: { names, counts } }: { run: TimelineRun }) {
  if (names.length === 0) return null;
  const more = CHANGE_KINDS.reduce((sum, kind) => sum + counts[kind], 0) - names.length;
  return (
    <ul className="timeline-names">
      {names.map(({ name, change }) => (
        <li key={`${change} ${name}`}>
          <span className={`change ${change}`}>
            <span aria-hidden="true">{CHANGE_SIGNS[change]}</span>
            <span className="visually-hidden">{change}</span>
          </span>{' '}
          <Name>{name}</Name>
        </li>
      ))}
      {more > 0 && <li className="weak">{`${formatNumber(more)} more`}</li>}
    </ul>
  );
}
