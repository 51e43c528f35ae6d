/** The HTTP server: routes, checks and limits around the endpoint of the protocol. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { McpServer } from '@modelcontextprotocol/server';
import { claimOwnHost, isOfHost } from '../../page/own-host.js';
import type { Serving } from '../server-options.js';
import { createHostCheck, createTokenCheck, type Location } from './access.js';
import { hostInUrl, isLoopback, isWildcard } from './address.js';
import * as limits from './limits.js';
import { challenge, createMetadata, isMetadataPath } from './metadata.js';
import { createProtocolEndpoint, type ProtocolEndpoint } from './protocol.js';
import { reply, rpcError } from './replies.js';

/** Path of the endpoint. */
export const ENDPOINT_PATH = '/mcp';

/** Control of a background server by the process that started it. */
export interface Control {
  /** Id that `/health` reports. */
  instance: string;
  /** Bearer token of `/shutdown`. */
  token: string;
}

/** The local page of the project: answers requests of browsers below `root`. */
export interface LocalPages {
  /** Path that begins and ends with a slash. */
  root: string;
  /** Creates the secret with which a browser may see the page. */
  createTicket(): Promise<string>;
  /** Environment of the project that is shown; `null` for none. */
  environment(): Promise<string | null>;
  handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<void>;
}

/** Options of the server. */
export interface HttpServerOptions extends Location {
  version: string;
  /** Bearer token of clients. */
  token: string;
  control?: Control | undefined;
  /** Creates the server of one session or request. */
  createServer(serving: Serving): McpServer;
  /** The local page. */
  pages?: LocalPages | undefined;
  log(message: string): void;
  /** Called on a valid request to shut down. */
  onShutdown(): void;
}

/** A running server. */
export interface HttpServer {
  port: number;
  /** Origin of the local page; `undefined` if there is none, or if the server does not listen on a local address. */
  pageOrigin: string | undefined;
  /** Stops to accept requests, lets running calls finish for a limited time, and cancels the rest. */
  stop(): Promise<void>;
}

/** Where to listen: an address, or an inherited socket. */
export type ListenOn = { host: string; port: number } | { fd: number };

/** Starts the server. Rejects with the error of the system if it cannot listen. */
export async function startHttpServer(options: HttpServerOptions, listenOn: ListenOn): Promise<HttpServer> {
  const protocol = createProtocolEndpoint(options.createServer, ({ message }) =>
    options.log(`Protocol error: ${message}`),
  );
  const state: State = { isStopping: false };
  const router = createRouter(options, protocol, state);
  const server = await listen(router, listenOn);
  const servers = [server];
  const address = server.address() as AddressInfo;
  if (options.pages !== undefined) {
    const ownHost = await claimOwnHost(address, async (host, port) => {
      servers.push(await listen(router, { host, port }));
    });
    state.pageOrigin = ownHost === undefined ? addressOrigin(options.host, address.port) : `http://${ownHost}`;
    state.ownHost = ownHost;
    if (ownHost === undefined && state.pageOrigin !== undefined) {
      options.log(`The page is at ${state.pageOrigin}: a host name of its own cannot be used`);
    }
  }
  const stopAll = () => {
    state.isStopping = true;
    return stop(servers, protocol);
  };
  return { port: address.port, pageOrigin: state.pageOrigin, stop: stopAll };
}

/** What changes while the server runs. */
interface State {
  isStopping: boolean;
  pageOrigin?: string | undefined;
  /** Host of the local page alone, with its port. */
  ownHost?: string | undefined;
}

async function listen(router: Handler, listenOn: ListenOn): Promise<Server> {
  const server = createServer({
    headersTimeout: limits.HEAD_TIMEOUT_MS,
    requestTimeout: limits.REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: limits.TIMEOUT_CHECK_MS,
  });
  server.keepAliveTimeout = limits.KEEP_ALIVE_MS;
  server.maxConnections = limits.MAX_CONNECTIONS;
  server.on('request', router);
  server.listen(listenOn);
  await once(server, 'listening');
  return server;
}

/** Origin of the page without a host name of its own. */
function addressOrigin(host: string, port: number): string | undefined {
  if (isWildcard(host)) return `http://127.0.0.1:${port}`;
  return isLoopback(host) ? `http://${hostInUrl(host)}:${port}` : undefined;
}

/** Methods of the endpoint. */
const METHODS = ['GET', 'POST', 'DELETE'];
const allow = METHODS.join(', ');

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;

function createRouter(options: HttpServerOptions, protocol: ProtocolEndpoint, state: State): Handler {
  const { publicUrl, control, version, pages } = options;
  const allowsHost = createHostCheck(options);
  const isLocal = createHostCheck({ host: 'localhost' });
  const isClient = createTokenCheck(options.token);
  const isController = control === undefined ? () => false : createTokenCheck(control.token);
  const health = { status: 'healthy', version, ...(control && { instance: control.instance }) };
  const refuse = (res: ServerResponse) =>
    reply(res, 401, rpcError('The bearer token is missing or wrong'), { 'www-authenticate': challenge(publicUrl) });

  const routes: Record<string, Handler> = {
    'GET /health': ({ headers: { authorization } }, res) =>
      authorization === undefined || isController(authorization) ? reply(res, 200, health) : refuse(res),
    'POST /shutdown': ({ headers: { authorization } }, res) => {
      if (!isController(authorization)) return refuse(res);
      reply(res, 200, { status: 'stopping' });
      options.onShutdown();
    },
  };
  if (pages !== undefined) {
    const redirect: Handler = (_, res) => res.writeHead(302, { location: pages.root, 'content-length': '0' }).end();
    routes['GET /'] = redirect;
    routes[`GET ${pages.root.slice(0, -1)}`] = redirect;
    routes[`POST ${pages.root}ticket`] = async ({ headers: { authorization } }, res) =>
      isController(authorization)
        ? reply(res, 200, {
            ticket: await pages.createTicket(),
            origin: state.pageOrigin ?? null,
            environment: await pages.environment(),
          })
        : refuse(res);
  }
  return (req, res) => {
    const isOfPage = isOfHost(req, state.ownHost);
    if (!isOfPage && !allowsHost(req, res)) return undefined;
    if (state.isStopping) return reply(res, 503, rpcError('The server is stopping'));
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    if (path === ENDPOINT_PATH) {
      if (!METHODS.includes(req.method ?? '')) return reply(res, 405, rpcError('Method not allowed'), { allow });
      return isClient(req.headers.authorization) ? protocol.handle(req, res) : refuse(res);
    }
    if (publicUrl !== undefined && req.method === 'GET' && isMetadataPath(path, publicUrl)) {
      return reply(res, 200, createMetadata(publicUrl));
    }
    const handler = routes[`${req.method} ${path}`];
    if (handler !== undefined) return handler(req, res);
    if (pages === undefined || !path.startsWith(pages.root)) return reply(res, 404, rpcError('Not found'));
    // Not by a public name: the page is for the user of this machine.
    return isOfPage || isLocal(req, res) ? pages.handle(req, res, path) : undefined;
  };
}

async function stop(servers: Server[], protocol: ProtocolEndpoint): Promise<void> {
  const closed = servers.map((server) => once(server, 'close'));
  for (const server of servers) server.close();
  const waited = new AbortController();
  const timeout = delay(limits.DRAIN_MS, undefined, { signal: waited.signal }).catch(() => {});
  await Promise.race([protocol.callsFinished(), timeout]);
  waited.abort();
  await protocol.close();
  for (const server of servers) server.closeAllConnections();
  await Promise.all(closed);
}
