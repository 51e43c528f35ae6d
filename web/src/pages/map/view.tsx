/** The page `map`: a drawing of all tables and joins, the neighbourhood of one of them, and the joins as a table. */

import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { countOf } from '../../site/format.js';
import { Command } from '../../view/parts/command.js';
import { PageLink, useSite } from '../../view/site-context.js';
import type { MapData } from './data.js';
import { boxAround, type Filter, matchesOf } from './filter.js';
import { JoinTable } from './join-table.js';
import { Legend } from './lines.js';
import { Neighbourhood } from './neighbourhood.js';
import { Tools } from './tools.js';
import { useRequestedTable } from './use-fragment.js';
import type { ZoomControls } from './use-zoom.js';
import { WholeMap } from './whole-map.js';
import './style.css';

/** The view. */
export function MapView({ data }: { data: MapData }) {
  const { route } = useSite();
  const connectionId = 'connectionId' in route ? route.connectionId : '';
  if (data.tables.length === 0) return <NoTables connectionId={connectionId} />;
  return <MapPage data={data} connectionId={connectionId} />;
}

function NoTables({ connectionId }: { connectionId: string }) {
  return (
    <>
      <h1>Map</h1>
      <p className="notice">
        There is nothing to draw: no scan of this connection has found tables. Scan it with{' '}
        <Command>{['ktx', 'scan', connectionId, '--relationships']}</Command>
      </p>
    </>
  );
}

function MapPage({ data, connectionId }: { data: MapData; connectionId: string }) {
  const requested = useRequestedTable(data.tables);
  const table = requested === -1 ? undefined : requested;
  const legend = useId();
  return (
    <div className="map">
      <div className="map-bar">
        <h1>Map</h1>
        <span className="weak">
          {countOf(data.tables.length, 'table')}, {countOf(data.joins.length, 'join')}
        </span>
        <Legend prefix={legend} />
        <a className="skip-link" href="#joins">
          Skip to the list of joins
        </a>
      </div>
      {requested === -1 && <p className="notice">The map has no table of the name in the address.</p>}
      <Overview data={data} connectionId={connectionId} focused={table} />
      {table !== undefined && <Neighbourhood data={data} connectionId={connectionId} table={table} />}
      <section className="map-list" id="joins" tabIndex={-1} aria-label="Joins">
        <h2>Joins</h2>
        <JoinNotice data={data} connectionId={connectionId} />
        {data.joins.length > 0 && <JoinTable data={data} connectionId={connectionId} />}
        <p>
          All tables are listed on the page <PageLink to={{ page: 'tables', connectionId }}>Tables</PageLink>; how joins
          were found and what was rejected on the page{' '}
          <PageLink to={{ page: 'relationships', connectionId }}>Relationships</PageLink>.
        </p>
      </section>
    </div>
  );
}

/** What the overview shows. */
interface OverviewProps {
  data: MapData;
  connectionId: string;
  /** Table whose neighbourhood is shown instead. */
  focused: number | undefined;
}

/** The drawing of all tables with its tools. It stays as it is while a neighbourhood is shown. */
function Overview({ data, connectionId, focused }: OverviewProps) {
  const { tables } = data;
  const schemas = useMemo(() => [...new Set(tables.map(({ schema }) => schema))].sort(), [tables]);
  const [filter, setFilter] = useState<Filter>({ query: '', schema: undefined });
  const matches = useMemo(() => matchesOf(tables, filter), [tables, filter]);
  const controls = useRef<ZoomControls>(null);
  const show = (shown: ReadonlySet<number> | undefined) => {
    const box = boxAround([...(shown ?? [])].flatMap((index) => tables[index]?.box ?? []));
    if (box === undefined) controls.current?.fit();
    else controls.current?.show(box);
  };
  const map = useRef<HTMLDivElement>(null);
  const last = useRef<number>(undefined);
  useEffect(() => {
    if (focused === undefined) {
      // Back from a neighbourhood: its table has the focus.
      map.current?.querySelector<SVGAElement>(`[data-index="${last.current}"]`)?.focus({ preventScroll: true });
    } else {
      setFilter((filter) => ({ ...filter, query: '' }));
    }
    last.current = focused;
  }, [focused]);
  return (
    <div id="map" ref={map} hidden={focused !== undefined}>
      <Tools
        tables={tables}
        schemas={schemas}
        filter={filter}
        matches={matches}
        onShow={() => show(matches)}
        onFilter={(next) => {
          setFilter(next);
          if (next.schema !== filter.schema) show(matchesOf(tables, { query: '', schema: next.schema }));
        }}
      />
      <div className="map-stage">
        <WholeMap data={data} connectionId={connectionId} matches={matches} controls={controls} />
      </div>
    </div>
  );
}

/** Which joins are shown, and how to get more. */
function JoinNotice({ data: { joinSource, joins }, connectionId }: { data: MapData; connectionId: string }) {
  const command = <Command>{['ktx', 'scan', connectionId, '--relationships']}</Command>;
  if (joinSource === 'relationships') {
    return joins.length > 0 ? null : <p>The newest scan has found no joins.</p>;
  }
  return (
    <p className="notice">
      {joins.length > 0
        ? 'These are the foreign keys that the database declares.'
        : 'The database declares no foreign keys.'}{' '}
      Joins that it does not declare are found by {command}
    </p>
  );
}
