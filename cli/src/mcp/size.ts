/** Size limit of results: clients read line by line and close the connection on a long line. */

import type { KtxSqlResult } from '@kaelio/ktx';

/** Maximum bytes of a result, with the overhead of the protocol. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** Maximum bytes of the requested rows: a result has them twice, the second time inside a JSON string. */
export const MAX_RESULT_BYTES = 448 * 1024;

/** Overhead of the protocol. */
const FRAME_BYTES = 4096;

/** Result of a tool; the hint says how to get the remaining rows. */
export type ToolResult = KtxSqlResult & { hint?: string };

/** Drops the last rows if the answer that wraps the result would exceed the limit, and adds a hint. */
export function truncateToSize<Answer extends object>(
  result: KtxSqlResult,
  wrap: (result: ToolResult) => Answer,
): Answer {
  let fitting = result;
  let answer = wrap(withHint(fitting));
  for (let size = bytesOf(answer); size > MAX_ANSWER_BYTES && fitting.rows.length > 0; size = bytesOf(answer)) {
    const rowCount = Math.floor(fitting.rows.length * Math.min(0.9, MAX_ANSWER_BYTES / size));
    fitting = {
      ...fitting,
      rows: fitting.rows.slice(0, rowCount),
      rowCount,
      truncated: true,
      truncatedBy: 'bytes',
    };
    answer = wrap(withHint(fitting));
  }
  return answer;
}

/** Whether a result fits an answer. */
export function fitsAnswer(result: object): boolean {
  return bytesOf(result) <= MAX_ANSWER_BYTES;
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
    return `These are the first ${rowCount} rows, the limit of the query: set a higher limit, or group by fewer dimensions`;
  }
  if (truncatedBy === 'bytes') {
    return `A result has at most 1 MiB, which holds ${rowCount} rows: select fewer or shorter columns, or aggregate`;
  }
  return `These are the first ${rowCount} rows: raise maxRows, or aggregate`;
}
