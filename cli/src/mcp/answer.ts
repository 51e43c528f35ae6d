/** Tool results of the protocol: results and failures. */

import type { CallToolResult } from '@modelcontextprotocol/server';
import { describeFailure } from '../errors.js';

/** Wraps a result as structured content, and as text for clients that do not read structured content. */
export function successResult(result: object): CallToolResult {
  return { structuredContent: { ...result }, content: [{ type: 'text', text: JSON.stringify(result) }] };
}

/**
 * Wraps a failure as one JSON document: `{ error: { code, message, next? } }`.
 *
 * Text only: older clients validate structured content against the output schema even for failures.
 */
export function failureResult(error: unknown): CallToolResult {
  const { code, message, next } = describeFailure(error);
  const text = JSON.stringify({ error: { code, message, ...(next === undefined ? {} : { next }) } });
  return { isError: true, content: [{ type: 'text', text }] };
}
