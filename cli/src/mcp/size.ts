/** How large an answer with rows may be: clients read one line at a time and close the connection on a long one. */

import type { KtxSqlResult } from '@kaelio/ktx';

/** Maximum bytes of an answer, with everything that the protocol adds. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** Maximum bytes of the rows that are asked for: they stand in an answer twice, the second time within a text. */
export const MAX_RESULT_BYTES = 448 * 1024;

/** What the protocol adds. */
const FRAME_BYTES = 4096;

/** A result as a tool gives it; the hint says how to get what was left out. */
export type ToolResult = KtxSqlResult & { hint?: string };

/** Leaves out the last rows where the answer around the result would be too large, and says how to get the rest. */
export function withinSize<Answer extends object>(
  result: KtxSqlResult,
  around: (result: ToolResult) => Answer,
): Answer {
  let fitting = result;
  let answer = around(withHint(fitting));
  for (let size = bytesOf(answer); size > MAX_ANSWER_BYTES && fitting.rows.length > 0; size = bytesOf(answer)) {
    const kept = Math.floor(fitting.rows.length * Math.min(0.9, MAX_ANSWER_BYTES / size));
    fitting = {
      ...fitting,
      rows: fitting.rows.slice(0, kept),
      rowCount: kept,
      truncated: true,
      truncatedBy: 'bytes',
    };
    answer = around(withHint(fitting));
  }
  return answer;
}

function bytesOf(answer: object): number {
  const text = JSON.stringify(answer);
  return FRAME_BYTES + Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(text));
}

function withHint(result: KtxSqlResult): ToolResult {
  return result.truncated ? { ...result, hint: hintOf(result) } : result;
}

function hintOf({ rowCount, truncatedBy }: KtxSqlResult): string {
  if (truncatedBy === 'limit') {
    return `These are the first ${rowCount} rows, the limit of the query: set a higher limit, or group by less`;
  }
  if (truncatedBy === 'bytes') {
    return `An answer has at most 1 MiB, into which ${rowCount} rows fit: ask for fewer or shorter columns, or aggregate`;
  }
  return `These are the first ${rowCount} rows: raise maxRows, or aggregate`;
}
