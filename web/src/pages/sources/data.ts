/** Data of the page `sources`. */

import type { LoadContext } from '../../node/context.js';
import { findTable, metricsOf, sourceFiles } from '../../node/semantic-model.js';

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
  const { readable, unreadable } = await sourceFiles(context, connectionId);
  const sources = await Promise.all(
    [...readable.values()].map(
      async ({ name, description, table, columns, measures, segments, joins }): Promise<SourceSummary> => {
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
      },
    ),
  );
  return {
    connectionId,
    sources,
    unreadable,
    metrics: (await metricsOf(context, connectionId)).length,
  };
}
