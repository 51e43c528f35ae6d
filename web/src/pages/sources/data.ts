/** Data of the page `sources`. */

import type { LoadContext } from '../../node/context.js';
import { semanticSources } from '../../node/project-data.js';
import { findTable, metricsOf } from '../../node/semantic-model.js';

/** A source that can be read. */
export interface SourceSummary {
  name: string;
  description: string | null;
  /** `null` for a query. */
  table: string | null;
  /** Name of the scanned table, which has a page. */
  scannedTable: string | null;
  columns: number;
  measures: number;
  segments: number;
  joins: number;
}

/** Data of the page. */
export interface SourcesData {
  connectionId: string;
  /** Sorted by name. */
  sources: SourceSummary[];
  /** Files that cannot be read. */
  unreadable: { path: string; error: string }[];
  /** Number of metrics that the connection can answer. */
  metrics: number;
}

/** Loads the data. */
export async function loadSources(
  context: LoadContext,
  { connectionId }: { connectionId: string },
): Promise<SourcesData> {
  const files = await semanticSources(context, connectionId);
  const readable = files.filter(({ error }) => error === null);
  const sources = await Promise.all(
    readable.map(async ({ name, description, table, columns, measures, segments, joins }): Promise<SourceSummary> => {
      const scannedTable = table === null ? undefined : await findTable(context, connectionId, table);
      return {
        name,
        description,
        table,
        scannedTable: scannedTable ?? null,
        columns: columns.length,
        measures: measures.length,
        segments: segments.length,
        joins: joins.length,
      };
    }),
  );
  return {
    connectionId,
    sources: sources.sort((left, right) => (left.name < right.name ? -1 : 1)),
    unreadable: files.flatMap(({ path, error }) => (error === null ? [] : [{ path, error }])),
    metrics: (await metricsOf(context, connectionId)).length,
  };
}
