/** Frames and boxes of the drawing of all tables. */

import { memo } from 'react';
import type { Frame } from '../../layout/areas.js';
import { countOf } from '../../site/format.js';
import type { MapTable } from './data.js';
import { describeTable } from './texts.js';

const FRAME_PADDING = { schema: 20, group: 16 };

/** A frame with its title. */
export const FrameBox = memo(function FrameBox({ frame }: { frame: Frame }) {
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
export const FarTitles = memo(function FarTitles({ frames }: { frames: readonly Frame[] }) {
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

/** A box that is a link. */
export const TableBox = memo(function TableBox({ table, index, href, tabIndex, look }: TableBoxProps) {
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
