/** The drawing of all tables. */

import { memo, type Ref, useMemo, useState } from 'react';
import type { Frame } from '../../layout/areas.js';
import { countOf } from '../../site/format.js';
import { useLink } from '../../view/site-context.js';
import type { MapData, MapTable } from './data.js';
import { Drawing } from './drawing.js';
import { JoinLines, JoinPath } from './lines.js';
import { describeTable } from './texts.js';
import { fragmentOf, useScript } from './use-fragment.js';
import type { ZoomControls } from './use-zoom.js';

/** What is drawn. */
export interface WholeMapProps {
  data: MapData;
  connectionId: string;
  /** Tables that match the search; all if it is missing. */
  matches: ReadonlySet<number> | undefined;
  controls: Ref<ZoomControls>;
}

const FRAME_PADDING = { schema: 20, group: 16 };

/** The drawing: boxes lead to the pages of tables, or to their neighbourhoods if there is a script. */
export function WholeMap({ data, connectionId, matches, controls }: WholeMapProps) {
  const { tables, joins, frames } = data;
  const hasScript = useScript();
  const link = useLink();
  const boxes = useMemo(() => tables.map(({ box }) => box), [tables]);
  const [current, setCurrent] = useState(() => mostJoined(data));
  const [active, setActive] = useState<number>();
  const indexOf = ({ target }: { target: EventTarget }) => {
    const index = (target as Element).closest('[data-index]')?.getAttribute('data-index');
    return index === null || index === undefined ? undefined : Number(index);
  };
  return (
    <Drawing label="Map of the tables" size={data} boxes={boxes} controls={controls}>
      {(markers) => (
        <>
          {frames.map((frame, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: frames have no identity
            <FrameBox key={index} frame={frame} />
          ))}
          <g className={active === undefined && matches === undefined ? 'map-lines' : 'map-lines dimmed'}>
            <JoinLines joins={joins} tables={tables} prefix={markers} />
          </g>
          <g className="map-active">
            {joins.map(({ from, to, kind, line }, index) =>
              from === active || to === active ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: joins have no identity
                <JoinPath key={index} kind={kind} d={line} prefix={markers} />
              ) : null,
            )}
          </g>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: it shows what the list of joins says */}
          <g
            onPointerOver={(event) => setActive(indexOf(event))}
            onPointerLeave={() => setActive(undefined)}
            onFocus={(event) => {
              setActive(indexOf(event));
              setCurrent(indexOf(event) ?? current);
            }}
            onBlur={() => setActive(undefined)}
          >
            {tables.map((table, index) => (
              <TableBox
                key={table.name}
                table={table}
                index={index}
                href={hasScript ? fragmentOf(table.name) : link({ page: 'table', connectionId, name: table.name })}
                tabIndex={hasScript && index !== current ? -1 : 0}
                look={matches === undefined ? '' : matches.has(index) ? 'match' : 'dimmed'}
              />
            ))}
          </g>
          <FarTitles frames={frames} />
        </>
      )}
    </Drawing>
  );
}

/** The table with the most joins: the best one to begin with. */
function mostJoined({ tables, joins }: MapData): number {
  const degrees = tables.map(() => 0);
  for (const { from, to } of joins) for (const end of [from, to]) degrees[end] = (degrees[end] ?? 0) + 1;
  return degrees.reduce((best, degree, index) => (degree > (degrees[best] ?? 0) ? index : best), 0);
}

const FrameBox = memo(function FrameBox({ frame }: { frame: Frame }) {
  const { level, title, titleSize, tables, x, y, width, height } = frame;
  return (
    <g className={`map-frame ${level}`}>
      <rect x={x} y={y} width={width} height={height} rx={level === 'schema' ? 12 : 8} />
      <text x={x + FRAME_PADDING[level]} y={y + titleSize * 1.4} fontSize={titleSize}>
        <title>{`${title}: ${countOf(tables, 'table')}`}</title>
        {title}
      </text>
    </g>
  );
});

/** Titles of groups over their tables, shown where other texts are too small to be read. */
const FarTitles = memo(function FarTitles({ frames }: { frames: readonly Frame[] }) {
  return (
    <g className="map-far">
      {frames.map(({ level, title, farTitleSize, x, y, width, height }, index) =>
        level === 'group' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: frames have no identity
          <text key={index} x={x + width / 2} y={y + height / 2 + farTitleSize * 0.35} fontSize={farTitleSize}>
            {title}
          </text>
        ) : null,
      )}
    </g>
  );
});

/** A box. */
export interface TableBoxProps {
  table: MapTable;
  index: number;
  href: string;
  tabIndex: number;
  /** Whether the search finds it; empty without a search. */
  look: '' | 'match' | 'dimmed';
}

const TableBox = memo(function TableBox({ table, index, href, tabIndex, look }: TableBoxProps) {
  const { name, label, isView, columns, box } = table;
  const { x, y, width, height } = box;
  return (
    <g className={`map-box ${isView ? 'view' : 'table'} ${look}`} data-table={name}>
      <a href={href} tabIndex={tabIndex} data-index={index} aria-label={`${name}, ${describeTable(table)}`}>
        <title>{name}</title>
        <rect x={x} y={y} width={width} height={height} rx={isView ? height / 2 : 5} />
        {/* A nested drawing cuts off letters that are wider than assumed. */}
        <svg x={x + 2} y={y} width={width - 4} height={height} aria-hidden="true">
          <text className="map-name" x="8" y="17" fontSize="12">
            {label}
          </text>
        </svg>
      </a>
      <text className="map-columns" x={x + 10} y={y + 31}>
        {isView ? `view, ${countOf(columns, 'column')}` : countOf(columns, 'column')}
      </text>
    </g>
  );
});
