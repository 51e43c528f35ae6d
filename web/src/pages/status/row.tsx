/** A line of the status. */

import { Command } from '../../view/parts/command.js';
import { DataText } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { StatusItem, StatusState } from './item.js';

const LABELS: Record<StatusState, string> = { ok: 'ok', unchecked: 'not checked', warning: 'note', problem: 'problem' };
const BADGES: Record<StatusState, string> = { ok: 'accepted', unchecked: '', warning: 'review', problem: 'failed' };

/** What it is about, its state, and what mends it. */
export function StatusRow({ item: { name, state, detail, command, fix, page } }: { item: StatusItem }) {
  return (
    <tr>
      <th scope="row">
        {page === undefined ? (
          <bdi>{name}</bdi>
        ) : (
          <PageLink to={page}>
            <bdi>{name}</bdi>
          </PageLink>
        )}
      </th>
      <td>
        <span className={`badge ${BADGES[state]}`}>{LABELS[state]}</span>
      </td>
      <td>
        <DataText>{detail}</DataText>
        {(command !== undefined || fix !== undefined) && (
          <div className="status-fix">
            <span className="weak">{state === 'unchecked' ? 'check' : 'fix'}:</span>{' '}
            {command === undefined ? fix : <Command>{command}</Command>}
          </div>
        )}
      </td>
    </tr>
  );
}
