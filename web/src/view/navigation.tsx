/** Navigation between the pages of the project, and of one connection. */

import { CONNECTION_PAGES, type PageName, PROJECT_PAGES, type Route } from '../site/route.js';
import { PageLink, useSite } from './site-context.js';
import { nameOfPage } from './titles.js';

/** Id of the element that the button of narrow screens shows. */
const MENU = 'navigation';

/** Pages whose objects have pages of their own. */
const LISTS: Partial<Record<PageName, PageName>> = {
  table: 'tables',
  source: 'sources',
  run: 'changes',
  note: 'notes',
};

/** The name of the project, with a link to its first page. */
export function Brand() {
  return (
    <PageLink to={{ page: 'overview' }} className="brand">
      <bdi>{useSite().project}</bdi>
    </PageLink>
  );
}

/** Shows the navigation on narrow screens, without a script. */
export function MenuButton() {
  return (
    <button type="button" className="menu-button" popoverTarget={MENU}>
      Menu
    </button>
  );
}

/** The navigation in the frame of each page: at the side, or over the page on narrow screens. */
export function Navigation() {
  const { connections, route } = useSite();
  const open = 'connectionId' in route ? route.connectionId : connections[0];
  return (
    <div className="navigation" id={MENU} popover="auto">
      <nav aria-label="Project">
        <ul>
          {PROJECT_PAGES.map((page) => (
            <Item key={page} to={{ page }} />
          ))}
        </ul>
      </nav>
      {connections.map((id) => (
        <nav key={id} aria-label={`Connection ${id}`} className={id === open ? 'connection' : 'connection other'}>
          <PageLink to={{ page: 'map', connectionId: id }} className="connection-name">
            <bdi>{id}</bdi>
          </PageLink>
          {id === open && (
            <ul>
              {CONNECTION_PAGES.map((page) => (
                <Item key={page} to={{ page, connectionId: id }} />
              ))}
            </ul>
          )}
        </nav>
      ))}
    </div>
  );
}

function Item({ to }: { to: Route }) {
  const { route } = useSite();
  const current = currentOf(to, route);
  return (
    <li aria-current={current}>
      <PageLink to={to}>{nameOfPage(to.page)}</PageLink>
    </li>
  );
}

/** Whether a link leads to the page, or to the list that its object is in. */
function currentOf(to: Route, route: Route): 'page' | 'true' | undefined {
  const connectionOf = (each: Route) => ('connectionId' in each ? each.connectionId : undefined);
  if (connectionOf(to) !== connectionOf(route)) return undefined;
  if (to.page === route.page) return 'page';
  return to.page === LISTS[route.page] ? 'true' : undefined;
}
