/** What is known of an item. */

import { formatColumns } from '../../../../cli/src/relationships/columns-text.js';
import { formatShare } from '../../site/format.js';
import { ColumnsLink } from '../../view/parts/column-link.js';
import { DataText } from '../../view/parts/name.js';
import type { ReviewItem } from './data.js';

/** An item in words, on one line. */
export function itemText({ from, to }: Pick<ReviewItem, 'from' | 'to'>): string {
  return to === undefined ? `key ${formatColumns(from)}` : `${formatColumns(from)} → ${formatColumns(to)}`;
}

/** Columns, cardinality, score and evidence. */
export function ItemSummary({ item, connectionId }: { item: ReviewItem; connectionId: string }) {
  const { cardinality, score, evidence } = item;
  return (
    <>
      <p className="item-columns">
        <ItemColumns item={item} connectionId={connectionId} />
      </p>
      <p className="item-score">
        <svg className="score-bar" aria-hidden="true" focusable="false">
          <rect className="score-base" width="100%" height="100%" />
          <rect className="score-length" width={`${Math.round(score * 100)}%`} height="100%" />
        </svg>
        <span>
          {formatShare(score)}
          <span className="weak">{` probable, ${cardinality?.replaceAll('_', ' ') ?? 'unique'}`}</span>
        </span>
      </p>
      <ul className="evidence">
        {evidence.map(({ kind, text, value }) => (
          <li key={`${kind} ${text}`} className={value < 0 ? 'against' : undefined}>
            <span aria-hidden="true">{value < 0 ? '−' : value > 0 ? '+' : '·'}</span>
            {value < 0 && <span className="visually-hidden">Against: </span>}
            <DataText>{text}</DataText>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The columns of an item with links to their tables. */
export function ItemColumns({ item: { from, to, linked }, connectionId }: { item: ReviewItem; connectionId: string }) {
  return (
    <>
      {to === undefined && <span className="weak">key </span>}
      <ColumnsLink connectionId={connectionId} to={from} linked={linked.from} />
      {to !== undefined && (
        <>
          <span aria-hidden="true"> → </span>
          <span className="visually-hidden"> refers to </span>
          <ColumnsLink connectionId={connectionId} to={to} linked={linked.to} />
        </>
      )}
    </>
  );
}
