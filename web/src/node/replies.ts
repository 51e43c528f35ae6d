/** Responses. */

import type { ServerResponse } from 'node:http';
import type { ApiFailure } from '../site/api.js';
import { SECURITY_HEADERS } from './policy.js';

type Failure = ApiFailure['error'];
type Headers = Record<string, string>;

/** Sends a body. */
export function sendText(
  res: ServerResponse,
  status: number,
  body: string | Buffer,
  type: string,
  headers: Headers = {},
): void {
  const length = String(Buffer.byteLength(body));
  res.writeHead(status, { ...SECURITY_HEADERS, 'content-type': type, 'content-length': length, ...headers }).end(body);
}

/** Sends a page. */
export function sendHtml(res: ServerResponse, status: number, html: string): void {
  sendText(res, status, html, 'text/html; charset=utf-8');
}

/** Sends JSON. */
export function sendJson(res: ServerResponse, status: number, value: unknown, headers: Headers = {}): void {
  sendText(res, status, JSON.stringify(value), 'application/json', headers);
}

/** Sends an error, and closes the connection, as the body of the request may be unread. */
export function sendFailure(res: ServerResponse, status: number, error: Failure): void {
  sendJson(res, status, { error } satisfies ApiFailure, { connection: 'close' });
}

/** An error of the package for a response. */
export function failureOf(error: unknown): Failure {
  const { code = 'internal', message, hint } = error as { code?: string; message: string; hint?: string };
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
