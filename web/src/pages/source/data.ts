/** Data of the page `source`. */

import type { KtxSemanticMetric, KtxSemanticSource } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { dialectOfConnection, metricsOf, qualifiersOf, sourceFile, sourceFiles } from '../../node/semantic-model.js';
import { tableNames } from '../../node/table-names.js';

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
  const { readable } = await sourceFiles(context, connectionId);
  const metrics = (await metricsOf(context, connectionId)).filter(({ expr }) => qualifiersOf(expr).includes(name));
  return {
    connectionId,
    source,
    path,
    dialect: dialectOfConnection(context, connectionId),
    scannedTable: table === undefined ? null : (await tableNames(context, connectionId)).resolve(table),
    joined: [...new Set(joins.map(({ to }) => to))].filter((to) => readable.has(to)),
    joinedBy: (await referencesOf(context, connectionId)).get(name) ?? [],
    metrics: metrics.map(({ name: metric, expr }) => ({ name: metric, expr })),
  };
}

/** Names of the sources that can be read. */
export async function listSources(context: LoadContext, connectionId: string): Promise<string[]> {
  return [...(await sourceFiles(context, connectionId)).readable.keys()];
}

/** Names of the sources with a join to another one, by its name. */
function referencesOf(context: LoadContext, connectionId: string): Promise<Map<string, string[]>> {
  return context.once(`references ${connectionId}`, async () => {
    const references = new Map<string, string[]>();
    for (const { name, joins } of (await sourceFiles(context, connectionId)).readable.values()) {
      for (const to of new Set(joins)) {
        if (to !== name) references.set(to, [...(references.get(to) ?? []), name]);
      }
    }
    return references;
  });
}
