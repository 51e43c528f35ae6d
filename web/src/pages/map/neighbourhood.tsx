/** A table with all tables that it is joined with, and the list of its joins with their evidence. */

import { type Ref, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Size } from '../../layout/geometry.js';
import { layoutNeighbourhood } from '../../layout/neighbourhood.js';
import { countOf } from '../../site/format.js';
import { Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { MapData, MapJoin, MapTable } from './data.js';
import { Evidence, JoinList, JoinSummary } from './join-list.js';
import { NeighbourDrawing } from './neighbour-drawing.js';
import { neighboursOf } from './neighbours.js';
import { describeTable } from './texts.js';
import { WHOLE_MAP } from './use-fragment.js';
import './neighbourhood.css';

/** What is shown. */
export interface NeighbourhoodProps {
  data: MapData;
  connectionId: string;
  /** Index of the table. */
  table: number;
}

/** With more neighbours, the drawing gets the whole width, and the list is below it. */
const MAX_BESIDE_LIST = 30;

/** Size until the script knows the one of the window. */
const FIRST_SIZE = { width: 900, height: 560 };

/** The neighbourhood, which needs a script. */
export function Neighbourhood({ data, connectionId, table }: NeighbourhoodProps) {
  const neighbours = useMemo(() => neighboursOf(data, table), [data, table]);
  const { ref, size } = useSize();
  const { rows, tables, ends } = neighbours;
  const layout = useMemo(
    () => layoutNeighbourhood({ rows: rows.length, neighbours: tables.length, joins: ends, area: size }),
    [rows, tables, ends, size],
  );
  const [selected, setSelected] = useState<number>();
  const list = useRef<HTMLOListElement>(null);
  const isBeside = tables.length <= MAX_BESIDE_LIST;
  const select = (join: number) => {
    setSelected(join);
    if (isBeside) list.current?.children[join]?.scrollIntoView({ block: 'nearest' });
  };
  const heading = useRef<HTMLHeadingElement>(null);
  const headingId = useId();
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each table anew
  useEffect(() => {
    setSelected(undefined);
    heading.current?.focus({ preventScroll: true });
    ref.current?.scrollIntoView({ block: 'nearest' });
  }, [table]);
  const focused = data.tables[table];
  if (focused === undefined) return null;
  return (
    <section className="map-neighbourhood" aria-labelledby={headingId}>
      <FocusBar
        connectionId={connectionId}
        table={focused}
        joins={neighbours.joins.length}
        heading={heading}
        id={headingId}
      />
      <div className={isBeside ? 'map-columns-beside' : 'map-columns-below'}>
        <div className="map-stage" ref={ref}>
          <NeighbourDrawing
            data={data}
            table={focused}
            neighbours={neighbours}
            layout={layout}
            selected={selected}
            onSelect={select}
          />
          {!isBeside && selected !== undefined && (
            <Card data={data} table={table} join={neighbours.joins[selected]} onClose={() => setSelected(undefined)} />
          )}
        </div>
        <JoinList
          data={data}
          connectionId={connectionId}
          table={table}
          joins={neighbours.joins}
          selected={selected}
          onSelect={setSelected}
          list={list}
        />
      </div>
    </section>
  );
}

/** What the heading is of. */
interface FocusBarProps {
  connectionId: string;
  table: MapTable;
  /** Number of its joins. */
  joins: number;
  heading: Ref<HTMLHeadingElement>;
  /** Id of the heading. */
  id: string;
}

/** The way back, the name of the table, and the link to its page. */
function FocusBar({ connectionId, table, joins, heading, id }: FocusBarProps) {
  const { name } = table;
  return (
    <div className="map-bar">
      <a href={WHOLE_MAP}>← Whole map</a>
      <h2 id={id} ref={heading} tabIndex={-1}>
        <Name>{name}</Name>
      </h2>
      <span className="weak">
        {describeTable(table)}, {countOf(joins, 'join')}
      </span>
      <PageLink to={{ page: 'table', connectionId, name }}>Page of the table</PageLink>
    </div>
  );
}

interface CardProps {
  data: MapData;
  table: number;
  join: MapJoin | undefined;
  onClose: () => void;
}

/** The selected join, where the list is too far below the drawing. */
function Card({ data, table, join, onClose }: CardProps) {
  if (join === undefined) return null;
  return (
    <div className="map-card">
      <button type="button" onClick={onClose}>
        Close
      </button>
      <JoinSummary data={data} table={table} join={join} />
      <Evidence data={data} join={join} />
    </div>
  );
}

/** Size of an element. */
function useSize() {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>(FIRST_SIZE);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      const drawing = element.querySelector('svg') ?? element;
      const { clientWidth: width, clientHeight: height } = drawing;
      if (width > 0 && height > 0) {
        setSize((last) => (last.width === width && last.height === height ? last : { width, height }));
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, size };
}
