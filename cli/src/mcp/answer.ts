/** What a client reads: the answer of a tool, or why there is none. */

import type { CallToolResult } from '@modelcontextprotocol/server';
import { describeFailure } from '../errors.js';

/** An answer, for clients that read structured content and as text for those that do not. */
export function success(answer: object): CallToolResult {
  return { structuredContent: { ...answer }, content: [{ type: 'text', text: JSON.stringify(answer) }] };
}

/**
 * A failure, as one JSON document like that of the command line: `{ error: { code, message, next? } }`.
 *
 * Only as text: older clients hold structured content to the schema of answers even in a failure.
 */
export function failure(error: unknown): CallToolResult {
  const { code, message, next } = describeFailure(error);
  const text = JSON.stringify({ error: { code, message, ...(next === undefined ? {} : { next }) } });
  return { isError: true, content: [{ type: 'text', text }] };
}
