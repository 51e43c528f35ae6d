/** The drawing of a neighbourhood. */

import { useMemo, useState } from 'react';
import { curveThrough } from '../../layout/curve.js';
import { CENTRE_HEADER, type NeighbourhoodLayout } from '../../layout/neighbourhood.js';
import { cellsIn, fitText } from '../../layout/text.js';
import type { MapData, MapJoin, MapTable } from './data.js';
import { Drawing } from './drawing.js';
import { JoinPath } from './lines.js';
import { labelOfColumns, type Neighbours } from './neighbours.js';
import { describeTable, shortCardinality } from './texts.js';
import { fragmentOf } from './use-fragment.js';

/** What is drawn. */
export interface NeighbourDrawingProps {
  data: MapData;
  /** The table in the middle. */
  table: MapTable;
  neighbours: Neighbours;
  layout: NeighbourhoodLayout;
  /** Position of the selected join. */
  selected: number | undefined;
  onSelect: (join: number) => void;
}

/** The drawing: boxes lead to the neighbourhoods of their tables. */
export function NeighbourDrawing({ data, table, neighbours, layout, selected, onSelect }: NeighbourDrawingProps) {
  const { boxes, lines } = layout;
  const [current, setCurrent] = useState(0);
  const paths = useMemo(() => lines.map(curveThrough), [lines]);
  const shown = current < boxes.length ? current : 0;
  return (
    <Drawing label={`Tables joined with ${table.name.slice(0, 200)}`} size={layout} boxes={boxes}>
      {(markers) => (
        <>
          {neighbours.joins.map(({ from, to, kind }, index) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the list of joins has the same by the keyboard
            <g
              // biome-ignore lint/suspicious/noArrayIndexKey: joins have no identity
              key={index}
              className={index === selected ? 'map-join selected' : 'map-join'}
              data-join={kind}
              data-from={data.tables[from]?.name}
              data-to={data.tables[to]?.name}
              onClick={() => onSelect(index)}
            >
              <path className="map-hit" d={paths[index]} />
              <JoinPath kind={kind} d={paths[index] ?? ''} prefix={markers} />
            </g>
          ))}
          <Centre table={table} rows={neighbours.rows} layout={layout} />
          {neighbours.tables.map((each, index) => (
            <Neighbour
              key={each}
              table={data.tables[each] as MapTable}
              number={each}
              joins={neighbours.joins.filter((_, join) => neighbours.ends[join]?.neighbour === index)}
              index={index}
              layout={layout}
              tabIndex={index === shown ? 0 : -1}
              onFocus={setCurrent}
            />
          ))}
        </>
      )}
    </Drawing>
  );
}

function Centre({ table, rows, layout }: { table: MapTable; rows: string[]; layout: NeighbourhoodLayout }) {
  const { x, y, width, height } = layout.centre;
  const fontSize = Math.min(11, layout.rowHeight * 0.8);
  return (
    <g className="map-centre" data-table={table.name}>
      <title>{`${table.name}, ${describeTable(table)}`}</title>
      <rect x={x} y={y} width={width} height={height} rx="6" />
      <svg x={x} y={y} width={width} height={height} aria-hidden="true">
        <text className="map-name" x="10" y="21" fontSize="12">
          {fitText(table.label, cellsIn(width - 20, 12))}
        </text>
        <path className="map-rule" d={`M0 ${CENTRE_HEADER - 4}H${width}`} />
        {rows.map((row, index) => (
          <text key={row} x="10" y={(layout.rowsAt[index] ?? 0) - y + fontSize * 0.35} fontSize={fontSize}>
            {fitText(row, cellsIn(width - 20, fontSize))}
            <title>{row}</title>
          </text>
        ))}
      </svg>
    </g>
  );
}

/** A table beside the one in the middle. */
interface NeighbourProps {
  table: MapTable;
  /** Index of the table in the map. */
  number: number;
  joins: MapJoin[];
  index: number;
  layout: NeighbourhoodLayout;
  tabIndex: number;
  onFocus: (index: number) => void;
}

function Neighbour({ table, number, joins, index, layout, tabIndex, onFocus }: NeighbourProps) {
  const { x, y, width, height } = layout.boxes[index] ?? { x: 0, y: 0, width: 0, height: 0 };
  const texts = joins.map((join) => `${columnsOfJoin(join)} ${shortCardinality(join)}`.trim());
  const fontSize = layout.isRoomy ? 12 : Math.max(9.5, Math.min(12, height * 0.62));
  const cells = (size: number) => cellsIn(width - 12, size);
  return (
    <g className={`map-box ${table.isView ? 'view' : 'table'}`} data-table={table.name}>
      <a
        href={fragmentOf(table.name)}
        tabIndex={tabIndex}
        data-index={index}
        aria-label={`${table.name}, ${describeTable(table)}`}
        onFocus={() => onFocus(index)}
      >
        <title>{[table.name, ...texts].join('\n')}</title>
        <rect x={x} y={y} width={width} height={height} rx={table.isView ? height / 2 : 4} />
        <svg x={x + 2} y={y} width={width - 4} height={height} aria-hidden="true">
          <text className="map-name" x="6" y={layout.isRoomy ? 16 : height / 2 + fontSize * 0.34} fontSize={fontSize}>
            {fitText(table.label, cells(fontSize))}
          </text>
        </svg>
      </a>
      {layout.isRoomy && (
        <text className="map-columns" x={x + 8} y={y + 30}>
          {ownColumns(joins, number, cells(10))}
        </text>
      )}
    </g>
  );
}

/** Columns of the table itself and the cardinality, cut to fit: `customer_id n:1` */
function ownColumns(joins: readonly MapJoin[], table: number, cells: number): string {
  const columns = joins.map((join) => labelOfColumns(join.from === table ? join.fromColumns : join.toColumns));
  const cardinalities = [...new Set(joins.map(shortCardinality))].join(' ');
  return `${fitText([...new Set(columns)].join('; '), cells - cardinalities.length - 1)} ${cardinalities}`.trim();
}

/** `customer_id → id` */
function columnsOfJoin({ fromColumns, toColumns }: MapJoin): string {
  return `${labelOfColumns(fromColumns)} → ${labelOfColumns(toColumns)}`;
}
