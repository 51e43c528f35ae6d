/** What all kinds of resources share: their contents as text, failures, and completions. */

import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { explainFailure } from '../failure.js';
import { fitAnswer } from '../size.js';
import { renderText } from '../text.js';

/** Type of all contents: answers as text, whose lines of data cannot be taken for lines of the server. */
export const MIME_TYPE = 'text/plain';

/** Maximum completions of an answer of the protocol. */
export const MAX_COMPLETIONS = 100;

/**
 * Reads a resource as text, within the budget of an answer.
 *
 * Errors: those of the function, as errors of the protocol, which has no results of failures.
 */
export async function readContents(uri: URL, read: () => Promise<object>, narrow?: string) {
  const text = renderText(fitAnswer(await readOrReject(uri, read), narrow));
  return { contents: [{ uri: uri.href, mimeType: MIME_TYPE, text }] };
}

async function readOrReject(uri: URL, read: () => Promise<object>): Promise<object> {
  try {
    return await read();
  } catch (error) {
    const { code, message, hint } = explainFailure(error);
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message, { uri: uri.href, code, hint });
  }
}

/** Names with the text, those that begin with it first. */
export function completionsOf(names: string[], value: string): string[] {
  const part = value.toLowerCase();
  const found = names.filter((name) => name.toLowerCase().includes(part));
  const begins = (name: string) => name.toLowerCase().startsWith(part);
  return [...found.filter(begins), ...found.filter((name) => !begins(name))].slice(0, MAX_COMPLETIONS);
}

/** A variable of an address, without its percent-encoding. */
export function decoded(variable: string | string[] | undefined): string {
  const text = Array.isArray(variable) ? variable.join(',') : (variable ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
