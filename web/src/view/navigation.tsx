/** Navigation between the pages of the project, and of one connection. */

import { CONNECTION_PAGES, PROJECT_PAGES, type Route } from '../site/route.js';
import { PageLink, useSite } from './site-context.js';
import { nameOfPage } from './titles.js';

/** The navigation in the frame of each page. */
export function Navigation() {
  const { project, connections, route } = useSite();
  const connectionId = 'connectionId' in route ? route.connectionId : connections[0];
  return (
    <>
      <PageLink to={{ page: 'overview' }} className="brand">
        <bdi>{project}</bdi>
      </PageLink>
      <nav aria-label="Project">
        <ul>
          {PROJECT_PAGES.map((page) => (
            <Item key={page} to={{ page }} current={route.page === page} />
          ))}
        </ul>
      </nav>
      {connections.map((id) => (
        <nav
          key={id}
          aria-label={`Connection ${id}`}
          className={id === connectionId ? 'connection' : 'connection other'}
        >
          <PageLink to={{ page: 'map', connectionId: id }} className="connection-name">
            <bdi>{id}</bdi>
          </PageLink>
          {id === connectionId && (
            <ul>
              {CONNECTION_PAGES.map((page) => (
                <Item key={page} to={{ page, connectionId: id }} current={route.page === page} />
              ))}
            </ul>
          )}
        </nav>
      ))}
    </>
  );
}

function Item({ to, current }: { to: Route; current: boolean }) {
  return (
    <li aria-current={current ? 'page' : undefined}>
      <PageLink to={to}>{nameOfPage(to.page)}</PageLink>
    </li>
  );
}
