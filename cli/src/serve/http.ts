/** Runs `ktx serve --mcp http`: an MCP server over HTTP, in the foreground or started by `ktx mcp start`. */

import { CliError } from '../errors.js';
import { hostInUrl, isLoopback } from '../mcp/http/address.js';
import { ENDPOINT_PATH, type HttpServer, type HttpServerOptions, startHttpServer } from '../mcp/http/server.js';
import { protocolServer } from '../mcp/server.js';
import { createPages } from '../page/pages.js';
import type { CliIo } from '../terminal/io.js';
import { joinBackground } from './background.js';
import { type KtxServeArgs, prepareServer } from './run.js';
import { findToken } from './token.js';

/** Address that the server listens on by default. */
const LOOPBACK = '127.0.0.1';

/** Serves a project over HTTP until it is interrupted or, in the background, asked to stop. */
export async function runKtxServeHttp(args: KtxServeArgs, io: CliIo): Promise<number> {
  const background = await joinBackground();
  const log = timestamped(io.stderr);
  const options = await prepareServer(args, { stderr: log });
  const { host = LOOPBACK, port = 0, publicUrl, tokenFile } = args.http ?? {};
  const { token, path } = await findToken(args, tokenFile);
  const ending = new AbortController();
  const settings: HttpServerOptions = {
    host,
    publicUrl,
    version: options.version,
    token,
    control: background?.control,
    createServer: (serving) => protocolServer(options, serving),
    pages: createPages(args, options.contextTools, log),
    log: (message) => log.write(`${message}\n`),
    onShutdown: () => ending.abort(),
  };
  const server = await listen(settings, background?.listenFd, port);
  const url = `http://${hostInUrl(host)}:${server.port}${ENDPOINT_PATH}`;
  settings.log(`Serving ${args.projectDir} at ${url}`);
  try {
    if (background === undefined) announce(io, url, path, host, await pageUrl(settings, server));
    else await background.reportReady(server.port, () => ending.abort());
    await anyAborted([ending.signal, io.signal]);
  } finally {
    // Also if the starter has ended: a listening server would keep the process alive.
    await server.stop();
  }
  if (background === undefined) io.signal?.throwIfAborted();
  return 0;
}

async function listen(options: HttpServerOptions, fd: number | undefined, port: number): Promise<HttpServer> {
  try {
    return await startHttpServer(options, fd === undefined ? { host: options.host, port } : { fd });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const next = code === 'EADDRINUSE' ? 'Choose another port, or leave --port out to use a free one' : undefined;
    throw new CliError('KTX_ARGUMENT_INVALID', `Cannot listen on ${options.host}:${port}: ${message}`, next);
  }
}

/** A URL that opens the local page once; `undefined` if the server does not listen on a local address. */
async function pageUrl({ pages }: HttpServerOptions, { pageOrigin }: HttpServer): Promise<string | undefined> {
  if (pages === undefined || pageOrigin === undefined) return undefined;
  return `${pageOrigin}${pages.root}#ticket=${await pages.createTicket()}`;
}

function announce(io: CliIo, url: string, tokenFile: string, host: string, page: string | undefined): void {
  if (!isLoopback(host)) {
    io.stderr.write('Warning: Other machines can connect, and HTTP does not encrypt the token: use a TLS proxy\n');
  }
  io.stderr.write(`The bearer token of clients is in ${tokenFile}\n`);
  if (page !== undefined) io.stderr.write(`Open the page of the project once with: ${page}\n`);
  io.stdout.write(`${url}\n`);
}

/** Resolves when the first of these signals is aborted. */
async function anyAborted(signals: (AbortSignal | undefined)[]): Promise<void> {
  const given = signals.filter((signal) => signal !== undefined);
  await new Promise<void>((resolve) => {
    for (const signal of given) {
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    }
  });
}

/** Writes each message with the time in front. */
function timestamped(log: { write(chunk: string): unknown }): { write(chunk: string): unknown } {
  return { write: (chunk) => log.write(`${new Date().toISOString()} ${chunk}`) };
}
