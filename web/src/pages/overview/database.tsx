/** A database of the project. */

import { useId } from 'react';
import { readCommand } from '../../site/command-line.js';
import { countOf, formatNumber } from '../../site/format.js';
import type { Route } from '../../site/route.js';
import { Command } from '../../view/parts/command.js';
import { Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import type { ShownDatabase } from './data.js';
import { NewestScan } from './newest-scan.js';

/** Its numbers, its newest scan, and links. */
export function Database({ database }: { database: ShownDatabase }) {
  const title = useId();
  const { id: connectionId, driver, product, target, counts } = database;
  const isScanned = counts.tables + counts.views > 0;
  return (
    <section className="overview-database" aria-labelledby={title}>
      <header>
        <h2 id={title}>
          <PageLink to={{ page: 'map', connectionId }}>
            <bdi>{connectionId}</bdi>
          </PageLink>
        </h2>
        <span className="badge">{product}</span>
        {target !== '' && <Name>{target}</Name>}
        <nav aria-label={`Pages of ${connectionId}`} className="link-buttons">
          <PageLink to={{ page: 'map', connectionId }}>Map</PageLink>
          <PageLink to={{ page: 'tables', connectionId }}>Tables</PageLink>
          <PageLink to={{ page: 'query', connectionId }}>Query</PageLink>
        </nav>
      </header>
      {isScanned && <Counts connectionId={connectionId} counts={counts} />}
      <NewestScan database={database} />
      {!isScanned && database.newest === null && (
        <p>
          Not scanned yet: <Command>{readCommand(connectionId, driver, true)}</Command>
        </p>
      )}
    </section>
  );
}

function Counts({ connectionId, counts }: { connectionId: string; counts: ShownDatabase['counts'] }) {
  const { tables, views, columns, sources, measures, invalidSources, relationships, templates } = counts;
  const invalid = invalidSources === 0 ? '' : `${formatNumber(invalidSources)} not usable`;
  const review = relationships === null ? null : relationships.review;
  return (
    <dl className="overview-counts">
      <Count
        to={{ page: 'tables', connectionId }}
        count={tables}
        noun="Tables"
        also={
          views === 0 ? countOf(columns, 'column') : `with ${countOf(views, 'view')}, ${countOf(columns, 'column')}`
        }
      />
      <Count to={{ page: 'sources', connectionId }} count={sources} noun="Sources" also={invalid}>
        {sources + invalidSources === 0 && (
          <Command>{['ktx', 'sl', 'generate', '--connection-id', connectionId]}</Command>
        )}
      </Count>
      <Count to={{ page: 'sources', connectionId }} count={measures} noun="Measures" />
      <Count
        to={{ page: 'relationships', connectionId }}
        count={relationships?.accepted ?? null}
        noun="Relationships"
        also={review === null || review === 0 ? '' : `${formatNumber(review)} to review`}
        calls={review !== null && review > 0}
      >
        {relationships === null && (
          <>
            <span className="weak">not detected yet</span>
            <Command>{['ktx', 'scan', connectionId, '--relationships']}</Command>
          </>
        )}
      </Count>
      {templates !== null && <Count to={{ page: 'history', connectionId }} count={templates} noun="Query templates" />}
    </dl>
  );
}

interface CountProps {
  to: Route;
  /** `null` if it is not known: the children say why. */
  count: number | null;
  noun: string;
  also?: string;
  /** Whether there is something to do. */
  calls?: boolean;
  children?: React.ReactNode;
}

function Count({ to, count, noun, also = '', calls = false, children }: CountProps) {
  return (
    <div>
      <dt>{noun}</dt>
      <dd>
        <PageLink to={to} className="overview-count">
          {count === null ? '–' : formatNumber(count)}
        </PageLink>
        {also !== '' && <span className={calls ? 'badge review' : 'weak'}>{also}</span>}
        {children}
      </dd>
    </div>
  );
}
