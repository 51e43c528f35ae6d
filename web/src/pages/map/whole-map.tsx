/** The drawing of all tables. */

import { type Ref, useMemo, useState } from 'react';
import { useLink } from '../../view/site-context.js';
import { useScript } from '../../view/use-script.js';
import type { MapData } from './data.js';
import { Drawing } from './drawing.js';
import { JoinLines, JoinPath } from './lines.js';
import { FarTitles, FrameBox, TableBox } from './map-parts.js';
import { fragmentOf } from './use-fragment.js';
import type { ZoomControls } from './use-zoom.js';

/** What is drawn. */
export interface WholeMapProps {
  data: MapData;
  connectionId: string;
  /** Tables that match the search; all if it is missing. */
  matches: ReadonlySet<number> | undefined;
  controls: Ref<ZoomControls>;
}

/** The drawing: boxes lead to the pages of tables, or to their neighbourhoods if there is a script. */
export function WholeMap({ data, connectionId, matches, controls }: WholeMapProps) {
  const { tables, joins, frames } = data;
  const hasScript = useScript();
  const link = useLink();
  const boxes = useMemo(() => tables.map(({ box }) => box), [tables]);
  const [current, setCurrent] = useState(() => mostJoined(data));
  const [active, setActive] = useState<number>();
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

/** Index of the table that an event is about. */
function indexOf({ target }: { target: EventTarget }): number | undefined {
  const index = (target as Element).closest('[data-index]')?.getAttribute('data-index');
  return index === null || index === undefined ? undefined : Number(index);
}

/** The table with the most joins: the best one to begin with. */
function mostJoined({ tables, joins }: MapData): number {
  const degrees = tables.map(() => 0);
  for (const { from, to } of joins) for (const end of [from, to]) degrees[end] = (degrees[end] ?? 0) + 1;
  return degrees.reduce((best, degree, index) => (degree > (degrees[best] ?? 0) ? index : best), 0);
}
