/** The page `relationships`. */

import { Missing } from '../../view/parts/missing.js';
import { timeOfSync } from '../../view/parts/sync-time.js';
import { useSite } from '../../view/site-context.js';
import { useScript } from '../../view/use-script.js';
import type { RelationshipsData } from './data.js';
import { DeclaredList } from './declared-list.js';
import { ReviewList } from './review-list.js';
import './style.css';

/** The view. */
export function RelationshipsView({ data: { connectionId, list } }: { data: RelationshipsData }) {
  return (
    <>
      <h1>Relationships</h1>
      {list === null ? (
        <Missing command={['ktx', 'scan', connectionId, '--relationships']}>
          No scan has detected the relationships of this connection yet.
        </Missing>
      ) : (
        <Groups list={list} connectionId={connectionId} />
      )}
    </>
  );
}

interface GroupsProps {
  list: RelationshipsData['list'] & object;
  connectionId: string;
}

function Groups({ list, connectionId }: GroupsProps) {
  const { live } = useSite();
  const answering = useScript() && live;
  return (
    <>
      <p className="weak">
        {`Detected by the scan of ${timeOfSync(list.syncId)}. Joins of the semantic layer use accepted ones.`}
        {!answering && ' Answer with the commands, or on the page of ktx open.'}
      </p>
      {list.warnings.map((text) => (
        <p key={text} className="notice">
          {text}
        </p>
      ))}
      {answering && (
        <p className="weak keys-hint">
          Keys on an item: <kbd>a</kbd> accept, <kbd>r</kbd> reject, <kbd>↓</kbd> next, <kbd>↑</kbd> previous
        </p>
      )}
      <ReviewList items={list.review} title="To review" none="Nothing is left to review." connectionId={connectionId} />
      <ReviewList items={list.accepted} title="Accepted" connectionId={connectionId} />
      <ReviewList items={list.rejected} title="Rejected" connectionId={connectionId} />
      <DeclaredList items={list.declared} connectionId={connectionId} />
    </>
  );
}
