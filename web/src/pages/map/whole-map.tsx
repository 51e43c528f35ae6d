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
                dimmed={matches !== undefined && !matches.has(index)}
              />
            ))}
          </g>
          <FarTitles frames={frames} />
          <g className="map-active">
            {joins.map(({ from, to, kind, line }, index) =>
              from === active || to === active ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: joins have no identity
                <JoinPath key={index} kind={kind} d={line} prefix={markers} />
              ) : null,
            )}
          </g>
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
  dimmed: boolean;
}

const TableBox = memo(function TableBox({ table, index, href, tabIndex, dimmed }: TableBoxProps) {
  const { name, label, isView, columns, box } = table;
  return (
    <a
      href={href}
      tabIndex={tabIndex}
      className={`map-box ${isView ? 'view' : 'table'}${dimmed ? ' dimmed' : ''}`}
      data-index={index}
      data-table={name}
      aria-label={`${name}, ${describeTable(table)}`}
    >
      <title>{name}</title>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx={isView ? box.height / 2 : 5} />
      {/* A nested drawing cuts off letters that are wider than assumed. */}
      <svg x={box.x + 2} y={box.y} width={box.width - 4} height={box.height} aria-hidden="true">
        <text className="map-name" x="8" y="17" fontSize="12">
          {label}
        </text>
        <text className="map-columns" x="8" y="31">
          {isView ? `view, ${columns} columns` : `${columns} columns`}
        </text>
      </svg>
    </a>
  );
});
