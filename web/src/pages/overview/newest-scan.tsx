/** The newest scan of a database. */

import { readCommand } from '../../site/command-line.js';
import { formatNumber, formatTime } from '../../site/format.js';
import { CHANGE_SIGNS, diffInWords, kindOfRun } from '../../site/run-words.js';
import { TableLink } from '../../view/parts/column-link.js';
import { Command } from '../../view/parts/command.js';
import { DataText } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { ChangedName } from './changed.js';
import type { ShownDatabase } from './data.js';

/** When it was, and what it has changed. */
export function NewestScan({ database: { id, driver, newest, changed, moreChanged } }: { database: ShownDatabase }) {
  if (newest === null) return null;
  const to = { page: 'run', name: newest.runId } as const;
  return (
    <>
      <h3>Newest scan</h3>
      <p>
        <PageLink to={to}>{formatTime(newest.startedAt)}</PageLink> <span className="weak">{kindOfRun(newest)}</span>
        {newest.status === 'done' && <> · {diffInWords(newest)}</>}
      </p>
      {newest.status === 'failed' && (
        <p className="notice error">
          The scan failed. Its report says why; repeat it with <Command>{readCommand(id, driver, true)}</Command>.
        </p>
      )}
      {changed.length > 0 && (
        <ul className="overview-changed">
          {changed.map((each) => (
            <Changed key={`${each.change} ${each.name}`} connectionId={id} changed={each} />
          ))}
          {moreChanged > 0 && (
            <li>
              <PageLink to={to}>{`${formatNumber(moreChanged)} more`}</PageLink>
            </li>
          )}
        </ul>
      )}
    </>
  );
}

function Changed({ connectionId, changed }: { connectionId: string; changed: ChangedName }) {
  const { name, change, text, page } = changed;
  return (
    <li>
      <span className={`change ${change}`}>
        {CHANGE_SIGNS[change]} {change}
      </span>{' '}
      <TableLink connectionId={connectionId} to={{ name, page }} />
      {text !== '' && (
        <span className="weak">
          {': '}
          <DataText>{text}</DataText>
        </span>
      )}
    </li>
  );
}
