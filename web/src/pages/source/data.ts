/** Data of the page `source`. */

import type { KtxSemanticMetric, KtxSemanticSource } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { semanticSources } from '../../node/project-data.js';
import { dialectOfConnection, findTable, metricsOf, qualifiersOf, sourceFile } from '../../node/semantic-model.js';

/** Data of the page. */
export interface SourceData {
  connectionId: string;
  source: KtxSemanticSource;
  /** Path of the file in the project. */
  path: string;
  dialect: string;
  /** Name of the scanned table, which has a page. */
  scannedTable: string | null;
  /** Sources that have a page, of those that it is joined with. */
  joined: string[];
  /** Other sources with a join to it. */
  joinedBy: string[];
  /** Metrics that use its measures. */
  metrics: Pick<KtxSemanticMetric, 'name' | 'expr'>[];
}

/** Loads the data. */
export async function loadSource(
  context: LoadContext,
  { connectionId, name }: { connectionId: string; name: string },
): Promise<SourceData> {
  const { source, path } = await sourceFile(context, connectionId, name);
  const { table, joins = [] } = source;
  const readable = (await semanticSources(context, connectionId)).filter(({ error }) => error === null);
  const names = new Set(readable.map((each) => each.name));
  const metrics = (await metricsOf(context, connectionId)).filter(({ expr }) => qualifiersOf(expr).includes(name));
  return {
    connectionId,
    source,
    path,
    dialect: dialectOfConnection(context, connectionId),
    scannedTable: (table === undefined ? undefined : await findTable(context, connectionId, table)) ?? null,
    joined: [...new Set(joins.map(({ to }) => to))].filter((to) => names.has(to)),
    joinedBy: readable.filter((each) => each.name !== name && each.joins.includes(name)).map((each) => each.name),
    metrics: metrics.map(({ name: metric, expr }) => ({ name: metric, expr })),
  };
}

/** Names of the sources that can be read. */
export async function listSources(context: LoadContext, connectionId: string): Promise<string[]> {
  return (await semanticSources(context, connectionId)).filter(({ error }) => error === null).map(({ name }) => name);
}
