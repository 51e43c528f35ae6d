/** State of the semantic layer: whether its files can be read. Only `ktx sl validate` checks what they name. */

import type { KtxSemanticSourceSummary } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { semanticSources } from '../../node/project-data.js';
import { semanticModel } from '../../node/semantic-model.js';
import { commandLine } from '../../site/command-line.js';
import { countOf } from '../../site/format.js';
import type { StatusItem } from './item.js';

/** A line for each database that has sources, one for each file that cannot be used, and one for the metrics. */
export async function semanticItems(context: LoadContext): Promise<StatusItem[]> {
  const ids = context.databases.map(({ id }) => id);
  const [listed, metrics] = await Promise.all([
    Promise.all(ids.map((id) => semanticSources(context, id))),
    metricItems(context),
  ]);
  const items = ids.flatMap((id, index) => sourceItems(id, listed[index] ?? []));
  if (items.length > 0) return [...items, ...metrics];
  const none = { area: 'semantic-layer', name: 'sources', state: 'warning', detail: 'no sources yet' } as const;
  return [{ ...none, command: 'ktx sl generate' }, ...metrics];
}

function sourceItems(connectionId: string, sources: KtxSemanticSourceSummary[]): StatusItem[] {
  if (sources.length === 0) return [];
  const command = commandLine('ktx', 'sl', 'validate', '--connection-id', connectionId);
  const usable = sources.filter(({ error }) => error === null);
  const measures = usable.reduce((count, source) => count + source.measures.length, 0);
  const detail = `${countOf(usable.length, 'source')}, ${countOf(measures, 'measure')}`;
  const area = 'semantic-layer';
  const page = { page: 'sources', connectionId } as const;
  return [
    { area, name: connectionId, state: 'unchecked', detail, command, page },
    ...sources.flatMap(({ path, error }): StatusItem[] =>
      error === null ? [] : [{ area, name: path, state: 'problem', detail: error, command }],
    ),
  ];
}

async function metricItems(context: LoadContext): Promise<StatusItem[]> {
  const item = { area: 'semantic-layer', name: 'metrics', page: { page: 'metrics' } } as const;
  const { metrics, error } = await semanticModel(context);
  if (error !== undefined) return [{ ...item, state: 'problem', detail: error, command: 'ktx sl validate' }];
  return metrics.length === 0
    ? []
    : [{ ...item, state: 'unchecked', detail: countOf(metrics.length, 'metric'), command: 'ktx sl validate' }];
}
