/** Data of the page `query`. */

import type { KtxSemanticMetric, KtxSemanticSource } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { semanticSources } from '../../node/project-data.js';
import { type SourceContent, semanticModel, sourceContents } from '../../node/semantic-model.js';
import { dialectOf } from './model/dialect.js';
import type { Model, ModelColumn, ModelMeasure, ModelSource } from './model/model.js';

/** Data of the page. */
export interface QueryData {
  model: Model;
  /** Number of files of the semantic layer that cannot be read. */
  unreadableFiles: number;
}

/** Most values of a column, and of all columns, that the page suggests. */
const MAX_VALUES = { column: 20, all: 2000 };

/** Loads the data. */
export async function loadQuery(context: LoadContext, { connectionId }: { connectionId: string }): Promise<QueryData> {
  const files = await semanticSources(context, connectionId);
  const contents = await sourceContents(context, connectionId);
  const { metrics } = await semanticModel(context);
  const driver = context.project.connections.find(({ id }) => id === connectionId)?.driver ?? '';
  const budget = { values: MAX_VALUES.all };
  const sources = contents.map((content) => modelSource(content, budget));
  const model: Model = {
    connectionId,
    dialect: dialectOf(driver),
    sources: [...sources, ...rolesOf(contents, sources)],
    metrics: (await metricsOf(context, connectionId, metrics)).map(modelMeasure),
    hasMetricTime: contents.some(({ time, measures = [] }) =>
      measures.some((measure) => (measure.time ?? time) !== undefined),
    ),
  };
  return { model, unreadableFiles: files.filter(({ error }) => error !== null).length };
}

function modelSource(content: SourceContent, budget: { values: number }): ModelSource {
  const { name, description, columns = [], measures = [], segments = [] } = content;
  return {
    name,
    ...optional('description', description),
    columns: columns
      .filter(({ visibility = 'public' }) => visibility === 'public')
      .map((column) => modelColumn(column, budget)),
    measures: measures.map(modelMeasure),
    segments: segments.map((each) => ({ name: each.name, ...optional('description', each.description) })),
  };
}

function modelColumn(
  { name, type, description, values = [] }: NonNullable<KtxSemanticSource['columns']>[number],
  budget: { values: number },
): ModelColumn {
  const suggested = values.length <= MAX_VALUES.column && values.length <= budget.values ? values : [];
  budget.values -= suggested.length;
  return {
    name,
    type,
    ...optional('description', description),
    ...(suggested.length === 0 ? {} : { values: suggested }),
  };
}

function modelMeasure({ name, expr, description, unit }: KtxSemanticMetric): ModelMeasure {
  return { name, expr, ...optional('description', description), ...optional('unit', unit) };
}

/** Roles, each with the columns of its source. */
function rolesOf(contents: SourceContent[], sources: ModelSource[]): ModelSource[] {
  const byName = new Map(sources.map((source) => [source.name, source]));
  const roles = new Map<string, ModelSource>();
  for (const { to, alias } of contents.flatMap(({ joins = [] }) => joins)) {
    const source = byName.get(to);
    if (alias === undefined || source === undefined || byName.has(alias)) continue;
    roles.set(alias, { name: alias, roleOf: to, columns: source.columns, measures: [], segments: [] });
  }
  return [...roles.values()];
}

/** The metrics that the connection can answer: those that do not name sources of others only. */
async function metricsOf(
  context: LoadContext,
  connectionId: string,
  metrics: KtxSemanticMetric[],
): Promise<KtxSemanticMetric[]> {
  const own = new Set((await semanticSources(context, connectionId)).map(({ name }) => name));
  const others = new Set<string>();
  for (const { id } of context.databases) {
    if (id === connectionId) continue;
    for (const { name } of await semanticSources(context, id)) if (!own.has(name)) others.add(name);
  }
  return metrics.filter(({ expr }) => {
    const named = [...expr.matchAll(/([\p{L}\p{N}_$]+)["`\]]?\s*\./gu)].map(([, name = '']) => name);
    return named.some((name) => own.has(name)) || !named.some((name) => others.has(name));
  });
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return (value === undefined || value === '' ? {} : { [key]: value }) as Partial<Record<Key, string>>;
}
