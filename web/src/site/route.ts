/** Pages of the site and their paths, which are the same on the server and in a folder of static files. */

import { slugOf } from './slug.js';

/** Pages of the whole project. */
export const PROJECT_PAGES = ['overview', 'metrics', 'changes', 'notes', 'status'] as const;

/** Pages of a connection. */
export const CONNECTION_PAGES = ['map', 'tables', 'relationships', 'sources', 'query', 'history'] as const;

/** Pages of one object of a connection: a table by `schema.table`, a semantic source by its name. */
export const OBJECT_PAGES = ['table', 'source'] as const;

/** Pages of one object of the project: a run by its id, a note by its path. */
export const PROJECT_OBJECT_PAGES = ['run', 'note'] as const;

/** A page. */
export type Route =
  | { page: (typeof PROJECT_PAGES)[number] }
  | { page: (typeof CONNECTION_PAGES)[number]; connectionId: string }
  | { page: (typeof OBJECT_PAGES)[number]; connectionId: string; name: string }
  | { page: (typeof PROJECT_OBJECT_PAGES)[number]; name: string };

/** Name of a page. */
export type PageName = Route['page'];

/** What a path names: slugs are compared with those of the objects that exist. */
export interface RequestedPage {
  page: PageName;
  connectionSlug?: string;
  slug?: string;
}

/** Path of a page below the root of the site. */
export function pathOf(route: Route): string {
  const folder = 'connectionId' in route ? `c/${slugOf(route.connectionId)}/` : '';
  if ('name' in route) return `${folder}${route.page}/${slugOf(route.name)}.html`;
  return route.page === 'overview' ? 'index.html' : `${folder}${route.page}.html`;
}

/** Link from the page at one path to another path, both below the root of the site. */
export function relativeLink(from: string, to: string): string {
  return `${'../'.repeat(from.split('/').length - 1)}${to}`;
}

/** Finds what a path below the root of the site names; `undefined` if no page can have it. */
export function parsePath(path: string): RequestedPage | undefined {
  if (path === '' || path === 'index.html') return { page: 'overview' };
  const match = /^(?:c\/([^/]+)\/)?(?:([a-z]+)\/)?([^/]+)\.html$/.exec(path);
  if (match === null) return undefined;
  const [, connectionSlug, folder, last = ''] = match;
  const connection = connectionSlug === undefined ? {} : { connectionSlug };
  const page = folder ?? last;
  const pages: readonly string[] =
    connectionSlug === undefined
      ? folder === undefined
        ? PROJECT_PAGES
        : PROJECT_OBJECT_PAGES
      : folder === undefined
        ? CONNECTION_PAGES
        : OBJECT_PAGES;
  if (page === 'overview' || !pages.includes(page)) return undefined;
  return { page: page as PageName, ...connection, ...(folder === undefined ? {} : { slug: last }) };
}
