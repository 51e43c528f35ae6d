/** Checks a line of the protocol: the protocol library drops what it cannot parse, and its sender waits for an answer. */

import { isJSONRPCRequest } from '@modelcontextprotocol/server';
import { repairCall } from '../call-arguments.js';

/** Codes of JSON-RPC 2.0. */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;

const REQUEST_RULE =
  'A request has a text or an integer as id, an object as _meta, and no keys but jsonrpc, id, method and params';

/** The answer to a line that is no message of the protocol. */
export interface RejectedLine {
  jsonrpc: '2.0';
  /** That of the request; null if the line has none. */
  id: string | number | null;
  error: { code: number; message: string };
}

/** Checks a line without its line break; the result is the line for the protocol library, or the answer to it. */
export function checkLine(line: string): string | RejectedLine {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return reject(null, PARSE_ERROR, 'A line is not valid JSON');
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return reject(null, INVALID_REQUEST, 'A message is one JSON object; batches are not supported');
  }
  const { id, params } = message as { id?: unknown; params?: unknown };
  const known = typeof id === 'string' || typeof id === 'number' ? id : null;
  if (!isMessage(message)) {
    return reject(known, INVALID_REQUEST, 'A message has jsonrpc "2.0", and a method, a result or an error');
  }
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params))) {
    return reject(known, INVALID_PARAMS, 'params is an object');
  }
  const isRequest = 'method' in message && 'id' in message;
  if (isRequest && !isJSONRPCRequest(message)) return reject(known, INVALID_REQUEST, REQUEST_RULE);
  return repairCall(message) ? JSON.stringify(message) : line;
}

/** The answer to a line that is too long to be read. */
export function rejectLongLine(maxBytes: number): RejectedLine {
  return reject(null, INVALID_REQUEST, `A message has at most ${maxBytes} bytes`);
}

function isMessage(message: object): boolean {
  const isCall = 'method' in message && typeof message.method === 'string';
  return 'jsonrpc' in message && message.jsonrpc === '2.0' && (isCall || 'result' in message || 'error' in message);
}

function reject(id: RejectedLine['id'], code: number, message: string): RejectedLine {
  return { jsonrpc: '2.0', id, error: { code, message } };
}
