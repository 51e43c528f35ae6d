/** An MCP server over HTTP, and its clients. */

import { lookup as systemLookup } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { LookupFunction } from 'node:net';
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';
import { type ProcessOptions, type RunningProcess, startKtx } from './ktx.js';

/** A running server. */
export interface HttpServer {
  url: string;
  token: string;
  process: RunningProcess;
}

/** Starts `ktx serve --mcp http` in the foreground; it is stopped at the end of the test. */
export async function startHttpServer(options: ProcessOptions, flags: string[] = []): Promise<HttpServer> {
  const process = startKtx(['serve', '--mcp', 'http', ...flags], options);
  onTestFinished(async () => {
    process.child.kill('SIGKILL');
    await process.finished;
  });
  await process.waitForStdout((stdout) => stdout.endsWith('\n'));
  const tokenFile = /The bearer token of clients is in (.*)\n/.exec(process.stderr())?.[1] ?? '';
  return { url: process.stdout().trim(), token: (await readFile(tokenFile, 'utf8')).trim(), process };
}

/** Connects the official client; it is closed at the end of the test. */
export async function connectClient(
  { url, token }: Pick<HttpServer, 'url' | 'token'>,
  options: ClientOptions = {},
): Promise<Client> {
  const headers = { authorization: `Bearer ${token}` };
  const client = new Client({ name: 'ktx-tests', version: '1' }, options);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  onTestFinished(() => client.close());
  return client;
}

/** A response to a raw request. */
export interface RawResponse {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Finds names below `.localhost` as browsers do, which the resolver of a system may not. */
const lookup: LookupFunction = (hostname, options, callback) => {
  if (!hostname.endsWith('.localhost')) return systemLookup(hostname, options, callback);
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

/** Sends a request with any headers, `Host` and `Origin` included; `fetch` would replace or refuse them. */
export function send(
  url: string,
  { method = 'POST', headers = {}, body = '' }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', ...headers };
    const sent = request(url, { method, headers: all, lookup }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
      response.once('error', reject);
    });
    // The server may close the connection before the whole body is sent; the response then decides.
    sent.once('error', (error: NodeJS.ErrnoException) => error.code !== 'EPIPE' && reject(error));
    sent.end(body);
  });
}
