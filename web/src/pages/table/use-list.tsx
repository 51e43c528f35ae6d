/** Where the table is used. */

import { countOf } from '../../site/format.js';
import { Name } from '../../view/parts/name.js';
import { PageLink } from '../../view/site-context.js';
import { NoHistory } from '../history/no-history.js';
import { TemplateTable } from '../history/template-table.js';
import type { TableData } from './data.js';
import type { Use } from './uses.js';

/** Number of uses of a kind that are shown at first. */
const FIRST = 12;

/** Sources, measures, joins, views and notes. */
export function Uses({ data: { uses } }: { data: TableData }) {
  return (
    <section>
      <h2>Used by</h2>
      {uses.length === 0 && <p>No semantic source, view or note that is known names this table.</p>}
      <dl className="uses">
        {uses.map((group) => (
          <div key={group.kind}>
            <dt>{countOf(group.uses.length, group.kind)}</dt>
            <dd>
              <UseList uses={group.uses.slice(0, FIRST)} />
              {group.uses.length > FIRST && (
                <details>
                  <summary>{`${group.uses.length - FIRST} more`}</summary>
                  <UseList uses={group.uses.slice(FIRST)} />
                </details>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function UseList({ uses }: { uses: Use[] }) {
  return (
    <ul>
      {uses.map(({ name, page }) => (
        <li key={page === null ? name : JSON.stringify([name, page])}>
          {page === null ? (
            <Name>{name}</Name>
          ) : (
            <PageLink to={page}>
              <Name>{name}</Name>
            </PageLink>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Templates of the query history that read the table. */
export function Queries({ data: { queries, connectionId, withoutHistory } }: { data: TableData }) {
  return (
    <section>
      <h2>Queries</h2>
      {queries === null && <NoHistory connectionId={connectionId} withoutHistory={withoutHistory} />}
      {queries?.total === 0 && <p>No query of the history reads this table.</p>}
      {queries !== null && queries.total > 0 && (
        <>
          <TemplateTable
            caption="Queries that read the table, most total time first"
            templates={queries.top}
            connectionId={connectionId}
          />
          <p>
            <PageLink to={{ page: 'history', connectionId }}>
              {queries.total > queries.top.length ? `All ${queries.total} in the query history` : 'Query history'}
            </PageLink>
          </p>
        </>
      )}
    </section>
  );
}
