/** Responses of the HTTP server that are not results of the protocol. */

import type { ServerResponse } from 'node:http';

/** Error codes of JSON-RPC. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
/** A range of codes that servers define. */
const SERVER_ERROR = -32000;

/** Writes a JSON response and closes the connection, as the body of the request may be unread. */
export function reply(res: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  const text = JSON.stringify(body);
  const length = String(Buffer.byteLength(text));
  const common = { 'content-type': 'application/json', 'content-length': length, 'cache-control': 'no-store' };
  const closing: Record<string, string> = status >= 400 ? { connection: 'close' } : {};
  res.writeHead(status, { ...common, ...closing, ...headers }).end(text);
}

/** An error of JSON-RPC without the id of a request. */
export function rpcError(message: string, code = SERVER_ERROR): object {
  return { jsonrpc: '2.0', error: { code, message }, id: null };
}

/** The same as a web response. */
export function rpcResponse(status: number, message: string, code?: number): Response {
  return Response.json(rpcError(message, code), { status });
}
