/** Labels that users of the database have set. */

import { LongText } from '../../view/parts/long-text.js';

/** Labels as a list of keys and values. */
export function Labels({ labels }: { labels: Record<string, string> }) {
  return (
    <ul className="labels" aria-label="Labels">
      {Object.entries(labels).map(([key, value]) => (
        <li key={key}>
          <LongText limit={80}>{`${key}: ${value}`}</LongText>
        </li>
      ))}
    </ul>
  );
}
