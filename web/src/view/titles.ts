/** Names of pages. */

import type { Route } from '../site/route.js';

const TITLES: Record<Route['page'], string> = {
  overview: 'Overview',
  map: 'Map',
  tables: 'Tables',
  table: 'Table',
  relationships: 'Relationships',
  sources: 'Semantic layer',
  source: 'Source',
  metrics: 'Metrics',
  query: 'Query',
  history: 'Query history',
  changes: 'Changes',
  run: 'Run',
  notes: 'Notes',
  note: 'Note',
  status: 'Status',
};

/** Name of a kind of page. */
export function nameOfPage(page: Route['page']): string {
  return TITLES[page];
}

/** Title of a page, without the project. */
export function titleOf(route: Route): string {
  return 'name' in route ? route.name : TITLES[route.page];
}
