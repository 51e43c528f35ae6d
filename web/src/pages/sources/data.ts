/** Data of the page `sources`. */

import type { LoadContext } from '../../node/context.js';
import { metricsOf, sourceFiles } from '../../node/semantic-model.js';
import { tableNames } from '../../node/table-names.js';

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
  const names = await tableNames(context, connectionId);
  const sources = [...readable.values()].map(
    ({ name, description, table, columns, measures, segments, joins }): SourceSummary => ({
      name,
      description,
      table,
      scannedTable: table === null ? null : names.resolve(table),
      columns: columns.length,
      measures: measures.length,
      segments: segments.length,
      joins: joins.length,
    }),
  );
  return {
    connectionId,
    sources,
    unreadable,
    metrics: (await metricsOf(context, connectionId)).length,
  };
}
