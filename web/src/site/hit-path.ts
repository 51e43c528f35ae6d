/** Links from hits of the search to the pages that show them. */

import type { KtxSearchHit } from '@kaelio/ktx';
import { type AnchorKind, anchorOf } from './anchor.js';
import { pathOf, type Route } from './route.js';

/** What a link needs to know of a hit. */
export type LinkedHit = Pick<KtxSearchHit, 'kind' | 'name' | 'connectionId' | 'table'>;

/** A page, and the row of it that a link leads to. */
interface Target {
  route: Route;
  anchor?: string;
}

/** Path of the page that shows a hit, with a fragment for its row; `null` if there is no such page. */
export function pathOfHit(hit: LinkedHit): string | null {
  const target = targetOf(hit);
  if (target === undefined) return null;
  const path = pathOf(target.route);
  return target.anchor === undefined ? path : `${path}#${target.anchor}`;
}

function targetOf({ kind, name, connectionId, table }: LinkedHit): Target | undefined {
  if (kind === 'page') return { route: { page: 'note', name } };
  if (kind === 'metric') return { route: { page: 'metrics' }, anchor: anchorOf('metric', name) };
  if (connectionId === null) return undefined;
  switch (kind) {
    case 'table':
      return { route: { page: 'table', connectionId, name } };
    case 'column':
    case 'value':
      return table === undefined ? undefined : columnOf(connectionId, table, name);
    case 'source':
      return { route: { page: 'source', connectionId, name } };
    case 'measure':
    case 'segment':
      return partOf(connectionId, kind, name);
    case 'dimension':
      return partOf(connectionId, 'column', name);
    case 'query':
      return { route: { page: 'history', connectionId } };
    default:
      return undefined;
  }
}

/** The name of a column begins with that of its table, which may have dots. */
function columnOf(connectionId: string, table: string, name: string): Target {
  const route: Route = { page: 'table', connectionId, name: table };
  return { route, anchor: anchorOf('column', name.slice(table.length + 1)) };
}

/** A part of a source: `source.measure`. */
function partOf(connectionId: string, kind: AnchorKind, name: string): Target {
  const dot = name.lastIndexOf('.');
  const route: Route = { page: 'source', connectionId, name: name.slice(0, dot) };
  return { route, anchor: anchorOf(kind, name.slice(dot + 1)) };
}
