/** Semantic query of the demo, over three tables with a fan-out. */

import type { KtxSemanticGeneration, KtxSemanticOptions, KtxSemanticQuery, KtxSemanticQueryResult } from '@kaelio/ktx';
import type { Progress } from '../terminal/progress.js';
import type { DemoCalls } from './calls.js';

/** The generated sources, the query, and its result with rows. */
export interface DemoAnswer {
  generation: KtxSemanticGeneration;
  question: KtxSemanticQuery;
  answer: KtxSemanticQueryResult;
}

/** Orders have several items: a plain join would count most orders more than once (fan-out). */
const QUESTION: KtxSemanticQuery = {
  measures: [
    { expr: 'sum(order_items.quantity * order_items.unit_price)', name: 'revenue' },
    { expr: 'orders.count', name: 'orders' },
  ],
  dimensions: ['customers.segment'],
  filters: ["orders.status <> 'returned'"],
  order_by: ['revenue:desc'],
};

/** Generates semantic sources from the scan and runs the query. */
export async function askDemoQuestion(
  options: KtxSemanticOptions,
  progress: Progress,
  calls: DemoCalls,
): Promise<DemoAnswer> {
  progress('Generating semantic sources');
  const generation = await calls.generateKtxSemanticSources(options);
  progress('Running a semantic query');
  const answer = await calls.runKtxSemanticQuery({ ...options, query: QUESTION, execute: true });
  return { generation, question: QUESTION, answer };
}
