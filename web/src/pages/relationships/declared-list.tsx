/** What the database declares, which needs no answer. */

import { ScrollRegion } from '../../view/parts/scroll-region.js';
import type { ReviewItem } from './data.js';
import { ItemColumns } from './item-summary.js';

/** The section. */
export function DeclaredList({ items, connectionId }: { items: ReviewItem[]; connectionId: string }) {
  if (items.length === 0) return null;
  const label = 'Declared by the database';
  return (
    <section>
      <h2>{`${label} (${items.length})`}</h2>
      <ScrollRegion label={label}>
        <table className="declared-list">
          <caption className="visually-hidden">{label}</caption>
          <thead>
            <tr>
              <th scope="col">Columns</th>
              <th scope="col">Kind</th>
              <th scope="col">Evidence</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.id}>
                <td>
                  <ItemColumns item={item} connectionId={connectionId} />
                </td>
                <td>{item.to === undefined ? 'key' : item.cardinality?.replaceAll('_', ' ')}</td>
                <td className="weak">{item.evidence.map(({ text }) => text).join('; ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </section>
  );
}
