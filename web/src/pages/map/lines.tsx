/** Lines of joins: a dash pattern and a marker for each kind, at the table that is referred to. */

import { memo } from 'react';
import type { MapJoin, MapTable } from './data.js';

/** Kinds in the order of the legend. */
export const KINDS: readonly MapJoin['kind'][] = ['declared', 'accepted', 'proposed'];

/** What the kinds mean. */
export const MEANINGS: Record<MapJoin['kind'], string> = {
  declared: 'Declared by the database',
  accepted: 'Accepted: found, or confirmed by a user',
  proposed: 'Proposed: to be reviewed',
};

/** Definitions of the markers, in the drawing that uses them. */
export function Markers({ prefix }: { prefix: string }) {
  const shape = {
    viewBox: '0 0 10 10',
    markerWidth: 11,
    markerHeight: 11,
    refX: 9.5,
    refY: 5,
    orient: 'auto',
    markerUnits: 'userSpaceOnUse',
  };
  return (
    <defs>
      <marker id={markerId(prefix, 'declared')} className="map-marker declared" {...shape}>
        <path d="M1 1.5 9 5 1 8.5Z" />
      </marker>
      <marker id={markerId(prefix, 'accepted')} className="map-marker accepted" {...shape}>
        <path d="M1 1.5 9 5 1 8.5Z" />
      </marker>
      <marker id={markerId(prefix, 'proposed')} className="map-marker proposed" {...shape}>
        <circle cx="5.5" cy="5" r="3.5" />
      </marker>
    </defs>
  );
}

function markerId(prefix: string, kind: MapJoin['kind']): string {
  return `${prefix}-${kind}`;
}

/** A line. */
export function JoinPath({ kind, d, prefix }: { kind: MapJoin['kind']; d: string; prefix: string }) {
  return <path className={`map-line ${kind}`} d={d} markerEnd={`url(#${markerId(prefix, kind)})`} />;
}

/** Lines of the joins of a map. */
export const JoinLines = memo(function JoinLines({
  joins,
  tables,
  prefix,
}: {
  joins: readonly MapJoin[];
  tables: readonly MapTable[];
  prefix: string;
}) {
  return joins.map(({ from, to, kind, line, isLong }, index) => (
    <g
      // biome-ignore lint/suspicious/noArrayIndexKey: joins have no identity
      key={index}
      className={isLong ? 'long' : undefined}
      data-join={kind}
      data-from={tables[from]?.name}
      data-to={tables[to]?.name}
    >
      <JoinPath kind={kind} d={line} prefix={prefix} />
    </g>
  ));
});

/** The legend. */
export function Legend({ prefix }: { prefix: string }) {
  return (
    <ul className="map-legend">
      {KINDS.map((kind) => (
        <li key={kind}>
          <svg width="44" height="12" aria-hidden="true">
            <Markers prefix={prefix} />
            <JoinPath kind={kind} d="M2 6H42" prefix={prefix} />
          </svg>
          {MEANINGS[kind]}
        </li>
      ))}
      <li>
        <svg width="28" height="14" aria-hidden="true">
          <rect className="map-legend-view" x="1" y="1" width="26" height="12" rx="6" />
        </svg>
        View
      </li>
    </ul>
  );
}
