/** Loaders of the data of all pages. */

import { loadChanges } from '../pages/changes/data.js';
import { loadHistory } from '../pages/history/data.js';
import { loadMap } from '../pages/map/data.js';
import { loadMetrics } from '../pages/metrics/data.js';
import { loadNote } from '../pages/note/data.js';
import { listNotes, loadNotes } from '../pages/notes/data.js';
import { loadOverview } from '../pages/overview/data.js';
import { loadQuery } from '../pages/query/data.js';
import { loadRelationships } from '../pages/relationships/data.js';
import { listRuns, loadRun } from '../pages/run/data.js';
import { listSources, loadSource } from '../pages/source/data.js';
import { loadSources } from '../pages/sources/data.js';
import { loadStatus } from '../pages/status/data.js';
import { listTables, loadTable } from '../pages/table/data.js';
import { loadTables } from '../pages/tables/data.js';
import type { Route } from '../site/route.js';
import type { LoadContext } from './context.js';

type RouteOf<Page extends Route['page']> = Extract<Route, { page: Page }>;

/** Loads the data of a page, and may be asked for an object that exists only. */
type Loader<Page extends Route['page']> = (context: LoadContext, route: RouteOf<Page>) => Promise<unknown>;

/** Loaders by the names of their pages. */
export const LOADERS: { [Page in Route['page']]: Loader<Page> } = {
  overview: loadOverview,
  map: loadMap,
  tables: loadTables,
  table: loadTable,
  relationships: loadRelationships,
  sources: loadSources,
  source: loadSource,
  metrics: loadMetrics,
  query: loadQuery,
  history: loadHistory,
  changes: loadChanges,
  run: loadRun,
  notes: loadNotes,
  note: loadNote,
  status: loadStatus,
};

/** Names of the objects that have a page: tables with their schemas, sources, ids of runs, paths of notes. */
export const OBJECTS = {
  table: (context: LoadContext, connectionId: string): Promise<string[]> => listTables(context, connectionId),
  source: (context: LoadContext, connectionId: string): Promise<string[]> => listSources(context, connectionId),
  run: (context: LoadContext): Promise<string[]> => listRuns(context),
  note: (context: LoadContext): Promise<string[]> => listNotes(context),
};
