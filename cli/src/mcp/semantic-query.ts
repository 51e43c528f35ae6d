/** Runs the query of `sl_query`, and reduces its answer to what an agent needs. */

import type { KtxSemanticQueryResult } from '@kaelio/ktx';
import { parseDimension } from '../sl/dimension.js';
import { explain } from '../sl/explain.js';
import { splitName } from '../sl/named.js';
import type { KtxMcpCall } from './call.js';
import type { SemanticQueryRequest, SemanticTools } from './context-tools.js';
import { MAX_ROWS, truncateToSize } from './size.js';

/** Compiles a query and, if `execute` is set, runs it. */
export async function runSemanticQuery(
  semanticLayer: SemanticTools,
  request: SemanticQueryRequest,
  call: KtxMcpCall,
): Promise<object> {
  const { query, execute = false, maxRows = MAX_ROWS, explain: inWords, ...rest } = request;
  const dimensions = query.dimensions?.map((each) => (typeof each === 'string' ? parseDimension(each) : each));
  const measures = query.measures?.map((each) => (typeof each === 'string' ? (splitName(each) ?? each) : each));
  const parsed = {
    ...query,
    ...(measures === undefined ? {} : { measures }),
    ...(dimensions === undefined ? {} : { dimensions }),
  };
  const executed = execute ? { execute, maxRows } : {};
  const answer = await semanticLayer.query({ ...rest, query: parsed, ...executed }, call);
  const { result } = answer;
  const explanation = inWords
    ? { explanation: Object.fromEntries(explain(answer).map(({ title, lines }) => [title, lines])) }
    : {};
  if (result === undefined) return { ...factsOf(answer, false), ...explanation };
  const facts = { ...factsOf(answer, !result.truncated), ...explanation };
  return truncateToSize(result, ({ connectionId: _id, ...rows }) => ({ result: rows, ...facts }));
}

/** The SQL and what the numbers mean; the rest of the plan repeats the query and the SQL. */
function factsOf({ connectionId, sql, dialect, columns, plan }: KtxSemanticQueryResult, isWhole: boolean) {
  return {
    connectionId,
    dialect,
    // Rows that are all there need no warning about the limit.
    warnings: plan.warnings.filter((warning) => !isWhole || warning !== plan.limit_warning),
    columns: columns.map(({ name, alias, expr, description }) => ({
      name,
      alias,
      ...(expr === name ? {} : { expr }),
      ...(description ? { description } : {}),
    })),
    joins: plan.join_paths,
    sql,
  };
}
