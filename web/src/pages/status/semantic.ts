/** State of the semantic layer: whether its files can be read. The script of the page asks for their validation. */

import type { KtxSemanticSourceSummary } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { semanticSources } from '../../node/project-data.js';
import { semanticModel } from '../../node/semantic-model.js';
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
  return [{ ...none, command: ['ktx', 'sl', 'generate'] }, ...metrics];
}

function sourceItems(connectionId: string, sources: KtxSemanticSourceSummary[]): StatusItem[] {
  if (sources.length === 0) return [];
  const command = ['ktx', 'sl', 'validate', '--connection-id', connectionId];
  const usable = sources.filter(({ error }) => error === null);
  const measures = usable.reduce((count, source) => count + source.measures.length, 0);
  const detail = `${countOf(usable.length, 'source')}, ${countOf(measures, 'measure')}`;
  const area = 'semantic-layer';
  const page = { page: 'sources', connectionId } as const;
  const validated = { connectionIds: [connectionId], part: 'sources' } as const;
  return [
    { area, name: connectionId, state: 'unchecked', detail, command, page, validated },
    ...sources.flatMap(({ path, error }): StatusItem[] =>
      error === null ? [] : [{ area, name: path, state: 'problem', detail: error, command }],
    ),
  ];
}

async function metricItems(context: LoadContext): Promise<StatusItem[]> {
  const item = { area: 'semantic-layer', name: 'metrics', page: { page: 'metrics' } } as const;
  const { metrics, error } = await semanticModel(context);
  if (error !== undefined) return [{ ...item, state: 'problem', detail: error, command: ['ktx', 'sl', 'validate'] }];
  if (metrics.length === 0) return [];
  const detail = countOf(metrics.length, 'metric');
  const validated = { connectionIds: context.databases.map(({ id }) => id), part: 'metrics' } as const;
  return [{ ...item, state: 'unchecked', detail, command: ['ktx', 'sl', 'validate'], validated }];
}
