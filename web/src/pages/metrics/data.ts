/** Data of the page `metrics`. */

import type { KtxSemanticCalendar, KtxSemanticMetric } from '@kaelio/ktx';
import type { LoadContext } from '../../node/context.js';
import { metricsOf, semanticModel } from '../../node/semantic-model.js';

/** A metric, with the connections that can answer it. */
export interface ListedMetric extends KtxSemanticMetric {
  connections: string[];
}

/** Data of the page. */
export interface MetricsData {
  metrics: ListedMetric[];
  calendar: KtxSemanticCalendar;
  /** Why the file cannot be read; absent if it can. */
  error?: string;
}

/** Loads the data. */
export async function loadMetrics(context: LoadContext): Promise<MetricsData> {
  const { metrics, calendar, error } = await semanticModel(context);
  const connections = new Map<string, string[]>();
  for (const { id } of context.databases) {
    for (const { name } of await metricsOf(context, id)) connections.set(name, [...(connections.get(name) ?? []), id]);
  }
  return {
    metrics: metrics.map((metric) => ({ ...metric, connections: connections.get(metric.name) ?? [] })),
    calendar,
    ...(error === undefined ? {} : { error }),
  };
}
