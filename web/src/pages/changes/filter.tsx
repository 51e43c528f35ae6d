/** Selects the runs of a connection, without a script: the styles hide the others. */

import { formatNumber } from '../../site/format.js';
import type { Lane } from './group.js';

/** The choice; nothing if there is none. */
export function Filter({ lanes, runs }: { lanes: Lane[]; runs: number }) {
  if (lanes.length === 0) return null;
  return (
    <fieldset className="timeline-filter">
      <legend className="visually-hidden">Connection</legend>
      <Choice value="all" title="All" runs={runs} />
      {lanes.map(({ title, runs: count }, lane) => (
        <Choice key={title} value={String(lane)} title={title} runs={count} />
      ))}
    </fieldset>
  );
}

function Choice({ value, title, runs }: { value: string; title: string; runs: number }) {
  return (
    <label>
      <input type="radio" name="connection" value={value} defaultChecked={value === 'all'} />
      <bdi>{title}</bdi> <span className="weak">{formatNumber(runs)}</span>
    </label>
  );
}
