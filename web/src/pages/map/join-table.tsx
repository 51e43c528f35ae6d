/** All joins as a table: what the drawing shows, in words. */

import { Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { MapData, MapJoin } from './data.js';
import { labelOfColumns } from './neighbours.js';
import { describeCardinality } from './texts.js';

/** The table. */
export function JoinTable({ data, connectionId }: { data: MapData; connectionId: string }) {
  const { tables, joins } = data;
  const end = (table: number, columns: string[]) => {
    const name = tables[table]?.name ?? '';
    return (
      <>
        <PageLink to={{ page: 'table', connectionId, name }}>
          <Name>{name}</Name>
        </PageLink>{' '}
        (<Name>{labelOfColumns(columns)}</Name>)
      </>
    );
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
    <section className="scroll" aria-label="All joins" tabIndex={0}>
      <table className="map-table">
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col">Refers to</th>
            <th scope="col">Kind</th>
            <th scope="col">Cardinality</th>
          </tr>
        </thead>
        <tbody>
          {joins.map((join: MapJoin, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: joins have no identity
            <tr key={index}>
              <td>{end(join.from, join.fromColumns)}</td>
              <td>{end(join.to, join.toColumns)}</td>
              <td>
                <span className={`badge ${join.kind}`}>{join.kind}</span>
              </td>
              <td>{describeCardinality(join)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
