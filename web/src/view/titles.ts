/** Names of pages. */

import type { NoteData } from '../pages/note/data.js';
import type { RunData } from '../pages/run/data.js';
import type { Route } from '../site/route.js';
import { titleOfRun } from '../site/run-words.js';

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

/** Title of a page, without the project: that of its data, the name of its object, or its kind. */
export function titleOf(route: Route, data: unknown): string {
  if (route.page === 'run') return titleOfRun((data as RunData).run);
  if (route.page === 'note') return (data as NoteData).title;
  return 'name' in route ? route.name : TITLES[route.page];
}
