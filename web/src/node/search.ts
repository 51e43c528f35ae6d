/** The search of the server. */

import { type KtxSearchHit, searchKtxProject } from '@kaelio/ktx';
import { plainText } from '../pages/note/plain-text.js';
import type { Api, SearchHit } from '../site/api.js';
import { pathOfHit } from '../site/hit-path.js';
import type { LoadContext } from './context.js';

/** Number of hits. */
const LIMIT = 20;

/** Searches the project. The index is as new as the files, so that what hits name exists. */
export async function search(
  { query }: Api['search']['request'],
  { options, databases }: LoadContext,
): Promise<Api['search']['response']> {
  const { hits, notes } = await searchKtxProject({ ...options, query, limit: LIMIT });
  const ids = new Set(databases.map(({ id }) => id));
  return { hits: hits.map((hit) => shownHit(hit, ids)), notes };
}

/** A hit without what the page does not show. Connections that are not databases have no pages. */
function shownHit(hit: KtxSearchHit, databases: Set<string>): SearchHit {
  const { kind, name, connectionId } = hit;
  const why = kind === 'page' ? plainText(hit.why) : hit.why;
  const hasPages = connectionId === null || databases.has(connectionId);
  return { kind, name, connectionId, why, path: hasPages ? pathOfHit(hit) : null };
}
