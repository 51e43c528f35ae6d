/** The page `run`: the report of a scan or an ingest. */

import { formatTime } from '../../site/format.js';
import { SCAN_SOURCE } from '../../site/run-summary.js';
import { diffInWords } from '../../site/run-words.js';
import { DataText } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import { Changes } from './changes.js';
import type { RunData } from './data.js';
import { NotProfiled, ProfileChanges } from './profiles.js';
import { Properties } from './properties.js';
import './style.css';
import { WorkUnits } from './work-units.js';

/** The view. */
export function RunView({ data }: { data: RunData }) {
  const { run, error, warnings } = data;
  return (
    <div className="run-page">
      <p className="weak">
        <PageLink to={{ page: 'changes' }}>Changes</PageLink>
      </p>
      <h1>
        {run.source === SCAN_SOURCE ? 'Scan' : 'Ingest'} of <bdi>{run.connectionId}</bdi>,{' '}
        <time className="no-wrap">{formatTime(run.startedAt)}</time>
      </h1>
      <p className="run-diff">{diffInWords(run)}</p>
      {error !== null && (
        <p className="notice error">
          <DataText>{error}</DataText>
        </p>
      )}
      {run.dryRun && <p className="notice">A dry run: nothing was staged.</p>}
      <Properties data={data} />
      <Changes data={data} />
      <ProfileChanges data={data} />
      <NotProfiled data={data} />
      <Warnings warnings={warnings} />
      <WorkUnits data={data} />
    </div>
  );
}

function Warnings({ warnings }: Pick<RunData, 'warnings'>) {
  if (warnings.length === 0) return null;
  return (
    <>
      <h2>Warnings</h2>
      <ul>
        {warnings.map((warning, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and warnings may be equal
          <li key={index}>
            <DataText>{warning}</DataText>
          </li>
        ))}
      </ul>
    </>
  );
}
