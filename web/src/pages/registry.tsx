/** Views of all pages. */

import type { ComponentType } from 'react';
import type { PageName } from '../site/route.js';
import { ChangesView } from './changes/view.js';
import { HistoryView } from './history/view.js';
import { MapView } from './map/view.js';
import { MetricsView } from './metrics/view.js';
import { NoteView } from './note/view.js';
import { NotesView } from './notes/view.js';
import { OverviewView } from './overview/view.js';
import { QueryView } from './query/view.js';
import { RelationshipsView } from './relationships/view.js';
import { RunView } from './run/view.js';
import { SourceView } from './source/view.js';
import { SourcesView } from './sources/view.js';
import { StatusView } from './status/view.js';
import { TableView } from './table/view.js';
import { TablesView } from './tables/view.js';

/** A view; its data is what the loader of the page has returned. */
// biome-ignore lint/suspicious/noExplicitAny: each page has a type of its own, which its loader guarantees
type View = ComponentType<{ data: any }>;

/** Views by the names of their pages. */
export const VIEWS: Record<PageName, View> = {
  overview: OverviewView,
  map: MapView,
  tables: TablesView,
  table: TableView,
  relationships: RelationshipsView,
  sources: SourcesView,
  source: SourceView,
  metrics: MetricsView,
  query: QueryView,
  history: HistoryView,
  changes: ChangesView,
  run: RunView,
  notes: NotesView,
  note: NoteView,
  status: StatusView,
};
