/** Data of the page `query`. */

import type { KtxSemanticMetric, KtxSemanticSource } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { dialectOfConnection, metricsOf, sourceContents, sourceFiles } from '../../node/semantic-model.js';
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
  const { unreadable } = await sourceFiles(context, connectionId);
  const contents = await sourceContents(context, connectionId);
  const metrics = await metricsOf(context, connectionId);
  const budget = { values: MAX_VALUES.all };
  const sources = contents.map((content) => modelSource(content, budget));
  const model: Model = {
    connectionId,
    dialect: dialectOfConnection(context, connectionId),
    sources: [...sources, ...rolesOf(contents, sources)],
    metrics: metrics.map(modelMeasure),
    hasMetricTime: contents.some(({ time, measures = [] }) =>
      measures.some((measure) => (measure.time ?? time) !== undefined),
    ),
  };
  return { model, unreadableFiles: unreadable.length };
}

function modelSource(content: KtxSemanticSource, budget: { values: number }): ModelSource {
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
function rolesOf(contents: KtxSemanticSource[], sources: ModelSource[]): ModelSource[] {
  const byName = new Map(sources.map((source) => [source.name, source]));
  const roles = new Map<string, ModelSource>();
  for (const { to, alias } of contents.flatMap(({ joins = [] }) => joins)) {
    const source = byName.get(to);
    if (alias === undefined || source === undefined || byName.has(alias)) continue;
    roles.set(alias, { name: alias, roleOf: to, columns: source.columns, measures: [], segments: [] });
  }
  return [...roles.values()];
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return (value === undefined || value === '' ? {} : { [key]: value }) as Partial<Record<Key, string>>;
}
