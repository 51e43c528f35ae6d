/** The joins of a table with their evidence. */

import type { Ref } from 'react';
import { Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { MapData, MapJoin } from './data.js';
import { labelOfColumns } from './neighbours.js';
import { describeCardinality } from './texts.js';
import { fragmentOf } from './use-fragment.js';

/** A table of the map. */
export interface TableOfMap {
  data: MapData;
  connectionId: string;
  /** Index of the table. */
  table: number;
}

/** What is listed. */
export interface JoinListProps extends TableOfMap {
  joins: readonly MapJoin[];
  /** Position of the selected join, which is marked in the drawing. */
  selected: number | undefined;
  onSelect: (join: number) => void;
  list: Ref<HTMLOListElement>;
}

/** The list. Each join opens to its evidence. */
export function JoinList({ joins, selected, onSelect, list, ...place }: JoinListProps) {
  if (joins.length === 0) return <p className="weak">No joins of this table are known.</p>;
  return (
    <section className="map-joins" aria-label="Joins of the table">
      <ol ref={list}>
        {joins.map((join, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: joins have no identity
            key={index}
            className={index === selected ? 'selected' : undefined}
            onPointerEnter={() => onSelect(index)}
            onFocus={() => onSelect(index)}
          >
            <details>
              <summary>
                <JoinSummary {...place} join={join} />
              </summary>
              <Evidence data={place.data} join={join} />
              <OtherTable {...place} join={join} />
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Columns, kind and cardinality of a join; the columns of the table are named without it. */
export function JoinSummary({ data, table, join }: Omit<TableOfMap, 'connectionId'> & { join: MapJoin }) {
  const { from, fromColumns, to, toColumns, kind } = join;
  const side = (end: number, columns: string[]) =>
    end === table ? (
      <Name>{labelOfColumns(columns)}</Name>
    ) : (
      <>
        <Name>{data.tables[end]?.name ?? ''}</Name> (<Name>{labelOfColumns(columns)}</Name>)
      </>
    );
  return (
    <>
      {side(from, fromColumns)} → {side(to, toColumns)} <span className={`badge ${kind}`}>{kind}</span>{' '}
      <span className="weak">{describeCardinality(join)}</span>
    </>
  );
}

/** The sentences of the evidence. */
export function Evidence({ data, join }: { data: MapData; join: MapJoin }) {
  return (
    <ul>
      {join.evidence.map((sentence) => (
        <li key={sentence}>
          <bdi>{data.sentences[sentence]}</bdi>
        </li>
      ))}
    </ul>
  );
}

function OtherTable({ data, connectionId, table, join }: TableOfMap & { join: MapJoin }) {
  const name = data.tables[join.from === table ? join.to : join.from]?.name ?? '';
  return (
    <p>
      <a href={fragmentOf(name)}>Neighbours</a> and <PageLink to={{ page: 'table', connectionId, name }}>page</PageLink>{' '}
      of <Name>{name}</Name>
    </p>
  );
}
