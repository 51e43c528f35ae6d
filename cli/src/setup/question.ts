/** The question that the demonstration asks: it takes three tables, and a plain join of them would answer it wrongly. */

import {
  generateKtxSemanticSources,
  type KtxSemanticGeneration,
  type KtxSemanticOptions,
  type KtxSemanticQuery,
  type KtxSemanticQueryResult,
  runKtxSemanticQuery,
} from '@kaelio/ktx';
import type { Progress } from '../terminal/progress.js';

/** What was made of the scan, what was asked, and the answer with its rows. */
export interface DemoAnswer {
  generation: KtxSemanticGeneration;
  question: KtxSemanticQuery;
  answer: KtxSemanticQueryResult;
}

/** Orders have several items, so that counting orders over their items would count most of them more than once. */
const QUESTION: KtxSemanticQuery = {
  measures: [
    { expr: 'sum(order_items.quantity * order_items.unit_price)', name: 'revenue' },
    { expr: 'orders.count', name: 'orders' },
  ],
  dimensions: ['customers.segment'],
  filters: ["orders.status <> 'returned'"],
  order_by: ['revenue:desc'],
};

/** Makes semantic sources of the scan, and asks them. */
export async function askDemoQuestion(options: KtxSemanticOptions, progress: Progress): Promise<DemoAnswer> {
  progress('Making semantic sources');
  const generation = await generateKtxSemanticSources(options);
  progress('Asking a question');
  const answer = await runKtxSemanticQuery({ ...options, query: QUESTION, execute: true });
  return { generation, question: QUESTION, answer };
}
