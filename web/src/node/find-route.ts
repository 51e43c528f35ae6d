/** Finds the page that a path names among those that exist. */

import { CONNECTION_PAGES, PROJECT_PAGES, parsePath, type Route } from '../site/route.js';
import { slugOf } from '../site/slug.js';
import type { LoadContext } from './context.js';
import { OBJECTS } from './loaders.js';

/** Finds the page of a path below the root of the site; `undefined` if there is none. */
export async function findRoute(context: LoadContext, path: string): Promise<Route | undefined> {
  const requested = parsePath(path);
  if (requested === undefined) return undefined;
  const { page, connectionSlug, slug = '' } = requested;
  const connectionId = context.databases.find(({ id }) => slugOf(id) === connectionSlug)?.id;
  if (connectionSlug !== undefined && connectionId === undefined) return undefined;
  const named = (names: string[]) => names.find((name) => slugOf(name) === slug);
  switch (page) {
    case 'table':
    case 'source': {
      if (connectionId === undefined) return undefined;
      const name = named(await OBJECTS[page](context, connectionId));
      return name === undefined ? undefined : { page, connectionId, name };
    }
    case 'run':
    case 'note': {
      const name = named(await OBJECTS[page](context));
      return name === undefined ? undefined : { page, name };
    }
    default:
      return { page, ...(connectionId === undefined ? {} : { connectionId }) } as Route;
  }
}

/** Lists all pages, for a folder of static files. */
export async function listRoutes(context: LoadContext): Promise<Route[]> {
  const routes: Route[] = PROJECT_PAGES.map((page) => ({ page }));
  for (const { id: connectionId } of context.databases) {
    routes.push(...CONNECTION_PAGES.map((page) => ({ page, connectionId })));
    for (const page of ['table', 'source'] as const) {
      const names = await OBJECTS[page](context, connectionId);
      routes.push(...names.map((name) => ({ page, connectionId, name })));
    }
  }
  for (const page of ['run', 'note'] as const) {
    routes.push(...(await OBJECTS[page](context)).map((name) => ({ page, name })));
  }
  return routes;
}
