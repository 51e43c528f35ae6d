/** Tool results of the protocol: results and failures. */

import type { CallToolResult } from '@modelcontextprotocol/server';
import { explainFailure } from './failure.js';
import { fitAnswer } from './size.js';
import { renderLines, renderText, serverLine } from './text.js';

/** How an answer is sent. */
export interface AnswerOptions {
  /** Remarks on the call, such as arguments that were ignored. */
  notes: readonly string[];
  /** Whether the client asked for structured content in place of text. */
  structured: boolean;
  /** How a call gets a smaller answer. */
  narrow: string | undefined;
}

/**
 * Wraps a result as text, or as structured content where the client asks for it. Never both: of two, some clients
 * (Claude Code, VS Code, Codex) show their model the structured content alone and others the text alone, so that each
 * would have to hold everything.
 */
export function successResult(result: object, { notes, structured, narrow }: AnswerOptions): CallToolResult {
  const answer = fitAnswer(result, narrow);
  if (!structured) {
    const body = renderText(answer) || serverLine('no entries');
    const text = [...notes.map((note) => serverLine(`note: ${note}`)), body].join('\n');
    return { content: [{ type: 'text', text }] };
  }
  const structuredContent = { ...answer, ...(notes.length === 0 ? {} : { notes }) };
  return { structuredContent, content: [{ type: 'text', text: 'The answer is in structuredContent.' }] };
}

/**
 * Wraps a failure: one sentence, and after it a JSON document `{ error: { code, message, hint? } }`.
 *
 * The sentence is first, as some clients take a first text that is JSON for structured content. There is none here, as
 * others validate it even for failures.
 */
export function failureResult(error: unknown): CallToolResult {
  const failure = explainFailure(error);
  const texts = [renderLines(failure.message), JSON.stringify({ error: failure })];
  return { isError: true, content: texts.map((text) => ({ type: 'text', text })) };
}
