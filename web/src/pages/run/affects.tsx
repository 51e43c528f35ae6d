/** What uses something that has changed. */

import { formatNumber } from '../../site/format.js';
import { pathOf } from '../../site/route.js';
import { Name } from '../../view/parts/name.js';
import { useLink } from '../../view/site-context.js';
import { type Affected, affectedOf } from './affected.js';

/** Number of uses that are shown at once. */
const MAX_OPEN = 6;

interface AffectsProps {
  affects: string[];
  connectionId: string;
  sources: Set<string>;
}

/** The uses, with links to their sources; nothing if there are none. */
export function Affects({ affects, connectionId, sources }: AffectsProps) {
  if (affects.length === 0) return null;
  const uses = affects.map((text) => affectedOf(text, sources));
  const hidden = uses.slice(MAX_OPEN);
  return (
    <div className="affects">
      affects <Uses uses={uses.slice(0, MAX_OPEN)} connectionId={connectionId} />
      {hidden.length > 0 && (
        <details>
          <summary>{formatNumber(hidden.length)} more</summary>
          <Uses uses={hidden} connectionId={connectionId} />
        </details>
      )}
    </div>
  );
}

function Uses({ uses, connectionId }: { uses: Affected[]; connectionId: string }) {
  return (
    <ul className="affects-list">
      {uses.map((use) => (
        <Use key={`${use.kind} ${use.name}`} use={use} connectionId={connectionId} />
      ))}
    </ul>
  );
}

function Use({ use: { kind, name, source, anchor }, connectionId }: { use: Affected; connectionId: string }) {
  const link = useLink();
  const path = source === undefined ? undefined : pathOf({ page: 'source', connectionId, name: source });
  return (
    <li>
      {kind}{' '}
      {path === undefined ? (
        <Name>{name}</Name>
      ) : (
        <a href={link(anchor === undefined ? path : `${path}#${anchor}`)}>
          <Name>{name}</Name>
        </a>
      )}
    </li>
  );
}
