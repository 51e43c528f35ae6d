/** Where a table is used: the texts of the package, with their pages. */

import type { Route } from '../../site/route.js';

/** One use. */
export interface Use {
  /** Such as `source`, `measure` or `view`. */
  kind: string;
  /** Name of the source, measure or view, or the text of a join. */
  name: string;
  /** `null` if it has no page. */
  page: Route | null;
}

/** What has a page. */
export interface Pages {
  connectionId: string;
  sources: ReadonlySet<string>;
  hasTable(name: string): boolean;
}

/** Kinds in the order in which they are shown; others follow. */
const KINDS = ['source', 'measure', 'segment', 'join', 'view', 'explore'];

/** Parses texts such as `measure orders.revenue`, and groups them by their kinds. */
export function groupUses(texts: string[], pages: Pages): { kind: string; uses: Use[] }[] {
  const groups = new Map<string, Use[]>(KINDS.map((kind) => [kind, []]));
  for (const text of texts) {
    const use = parseUse(text, pages);
    groups.set(use.kind, [...(groups.get(use.kind) ?? []), use]);
  }
  return [...groups].filter(([, uses]) => uses.length > 0).map(([kind, uses]) => ({ kind, uses }));
}

function parseUse(text: string, pages: Pages): Use {
  const blank = text.indexOf(' ');
  const kind = text.slice(0, Math.max(blank, 0));
  const name = text.slice(blank + 1);
  return { kind, name, page: pageOf(kind, name, pages) };
}

function pageOf(kind: string, name: string, { connectionId, sources, hasTable }: Pages): Route | null {
  if (kind === 'view') return hasTable(name) ? { page: 'table', connectionId, name } : null;
  if (!['source', 'measure', 'segment', 'join'].includes(kind)) return null;
  const source = sourceOf(name, sources);
  return source === undefined ? null : { page: 'source', connectionId, name: source };
}

/** The longest source whose name a text is, or begins with before a dot. */
function sourceOf(text: string, sources: ReadonlySet<string>): string | undefined {
  let end = text.length;
  while (end > 0) {
    const name = text.slice(0, end);
    if (sources.has(name)) return name;
    end = text.lastIndexOf('.', end - 1);
  }
  return undefined;
}
