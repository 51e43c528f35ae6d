/** The search of the server. */

import { type KtxSearchHit, searchKtxProject } from '@kaelio/ktx';
import type { Api } from '../site/api.js';
import { pathOf, type Route } from '../site/route.js';
import { LoadContext } from './context.js';
import type { PageHandlerOptions } from './options.js';

/** Number of hits. */
const LIMIT = 20;

/** Searches the project. */
export async function search(
  { query }: Api['search']['request'],
  { loadProject, environment }: PageHandlerOptions,
): Promise<Api['search']['response']> {
  const { options } = new LoadContext(await loadProject(), environment);
  const { hits, notes } = await searchKtxProject({ ...options, query, limit: LIMIT });
  return { hits: hits.map((hit) => ({ ...hit, path: pathOfHit(hit) })), notes };
}

/** Path of the page that shows a hit. */
export function pathOfHit(hit: KtxSearchHit): string | null {
  const route = routeOfHit(hit);
  return route === undefined ? null : pathOf(route);
}

function routeOfHit({ kind, name, connectionId, table }: KtxSearchHit): Route | undefined {
  if (kind === 'page') return { page: 'note', name };
  if (kind === 'metric') return { page: 'metrics' };
  if (connectionId === null) return undefined;
  switch (kind) {
    case 'table':
      return { page: 'table', connectionId, name };
    case 'column':
    case 'value':
      return table === undefined ? undefined : { page: 'table', connectionId, name: table };
    case 'source':
      return { page: 'source', connectionId, name };
    case 'measure':
    case 'dimension':
    case 'segment':
      return { page: 'source', connectionId, name: name.slice(0, name.lastIndexOf('.')) };
    case 'query':
      return { page: 'history', connectionId };
    default:
      return undefined;
  }
}
