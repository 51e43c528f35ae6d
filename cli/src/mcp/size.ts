/** Budget of an answer: a model reads all of it, and clients cut or refuse long ones. */

import type { KtxSqlResult } from '@kaelio/ktx';
import { largestPart } from './largest-part.js';
import { renderText } from './text.js';

/** Maximum rows of an answer, unless a call sets `maxRows`, and entries of a list. */
export const MAX_ROWS = 200;

/** Maximum bytes of an answer, with the overhead of the protocol. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** Maximum bytes of the rows that are requested for an answer. */
export const MAX_RESULT_BYTES = 60 * 1024;

/** Overhead of the protocol, and remarks on the call. */
const FRAME_BYTES = 2048;

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

/** Cuts the end of the largest lists and texts until the answer fits, and says which and how to ask for less. */
export function fitAnswer(answer: object, narrow = 'ask for less at a time'): object {
  if (fitsAnswer(answer)) return answer;
  const fitting = structuredClone(answer);
  const cuts = new Map<string, { length: number; total: number }>();
  for (let size = bytesOf(fitting); size > MAX_ANSWER_BYTES; size = bytesOf(fitting)) {
    const part = largestPart(fitting);
    if (part === undefined) break;
    const length = Math.floor(part.length * Math.min(0.9, MAX_ANSWER_BYTES / size));
    part.keep(length);
    cuts.set(part.path, { length, total: cuts.get(part.path)?.total ?? part.length });
  }
  const parts = [...cuts].map(([path, { length, total }]) => `${path}: ${length} of ${total}`);
  const { truncated: _, hint: own, ...rest } = fitting as { truncated?: unknown; hint?: string };
  const hint = `An answer has at most 64 KiB (${parts.join('; ')}): ${narrow}`;
  return { truncated: true, hint: own === undefined ? hint : `${own}; ${hint}`, ...rest };
}

/** Whether a result fits an answer. */
export function fitsAnswer(result: object): boolean {
  return bytesOf(result) <= MAX_ANSWER_BYTES;
}

/** The larger of the two forms that an answer may have. */
function bytesOf(answer: object): number {
  const forms = [JSON.stringify(answer), JSON.stringify(renderText(answer))];
  return FRAME_BYTES + Math.max(...forms.map((text) => Buffer.byteLength(text)));
}

function withHint(result: KtxSqlResult): ToolResult {
  return result.truncated ? { ...result, hint: hintOf(result) } : result;
}

function hintOf({ rowCount, truncatedBy }: KtxSqlResult): string {
  if (truncatedBy === 'limit') {
    return `These are the first ${rowCount} rows, the limit of the query: set a higher limit, or group by fewer dimensions`;
  }
  if (truncatedBy === 'bytes') {
    return `An answer has at most 64 KiB, which holds ${rowCount} rows: select fewer or shorter columns, or aggregate`;
  }
  return `These are the first ${rowCount} rows: raise maxRows, or aggregate`;
}
