/** Answers the requests of browsers. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { ASSETS, readAsset } from './assets.js';
import { answerCall } from './calls.js';
import { LoadContext } from './context.js';
import { findRoute } from './find-route.js';
import type { PageHandlerOptions } from './options.js';
import { messagePage, signInPage } from './plain-pages.js';
import { renderPage } from './render.js';
import { failureOf, sendFailure, sendHtml, sendJson, sendText } from './replies.js';
import { PageSessions, sessionCookie, sessionsOf } from './sessions.js';
import { SharedResults } from './shared-results.js';

/** Answers requests whose `Host` and `Origin` the server has checked. */
export interface PageHandler {
  /** Creates the fragment for a URL that opens the pages once. */
  createTicket(): string;
  /** Answers a request; `path` begins with the root of the pages. */
  handle(req: IncomingMessage, res: ServerResponse, path: string): Promise<void>;
}

/** Creates the handler of one server. */
export function createPageHandler(options: PageHandlerOptions): PageHandler {
  const state: State = { sessions: new PageSessions(), shared: new SharedResults() };
  return {
    createTicket: () => state.sessions.createTicket(),
    async handle(req, res, path) {
      try {
        await answer(req, res, path.slice(options.root.length), state, options);
      } catch (error) {
        const failure = failureOf(error);
        // The message of a call may have values of the user's query.
        options.log(`Page ${path}: ${req.method === 'POST' ? failure.code : failure.message}`);
        if (req.method === 'POST') sendFailure(res, 400, failure);
        else sendHtml(res, 500, messagePage(options.root, 'This page cannot be shown', failure));
      }
    },
  };
}

/** What requests share. */
interface State {
  sessions: PageSessions;
  shared: SharedResults;
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  { sessions, shared }: State,
  options: PageHandlerOptions,
): Promise<void> {
  const place: Place = { port: req.socket.localPort ?? 0, host: req.headers.host?.toLowerCase() ?? '' };
  const asset = path.startsWith('assets/') ? path.slice('assets/'.length) : '';
  const assetType = Object.hasOwn(ASSETS, asset) ? ASSETS[asset] : undefined;
  if (req.method === 'GET' && assetType !== undefined) return sendText(res, 200, await readAsset(asset), assetType);
  if (req.method === 'POST' && req.headers.origin !== `http://${req.headers.host}`) {
    return sendFailure(res, 403, { code: 'origin', message: 'The request is not of this page' });
  }
  if (req.method === 'POST' && path === 'sign-in') return signIn(req, res, place, sessions);
  if (!sessionsOf(place.port, req.headers.cookie).some((session) => sessions.accepts(session, place.host))) {
    if (req.method === 'GET') return sendHtml(res, 401, signInPage(options.root));
    return sendFailure(res, 401, { code: 'signed_out', message: 'The session has ended', hint: 'Run: ktx open' });
  }
  const loadContext = async () => {
    const project = await options.loadProject();
    return new LoadContext(project, options.environment, true, shared.of(project.projectDir));
  };
  if (req.method === 'POST' && path.startsWith('api/')) {
    return answerCall(req, res, path.slice('api/'.length), options, loadContext);
  }
  if (req.method !== 'GET') return sendFailure(res, 405, { code: 'method', message: 'The method is not allowed' });
  const context = await loadContext();
  const route = await findRoute(context, path);
  if (route === undefined) {
    const message = 'There is no such page: it may be of a table or source that no longer exists';
    return sendHtml(res, 404, messagePage(options.root, 'Not found', { code: 'not_found', message }));
  }
  const html = await renderPage(context, route, { live: true, generatedAt: new Date().toISOString() });
  return sendHtml(res, 200, html);
}

/** Where a browser is: the port of the server, and the host that it names. */
interface Place {
  port: number;
  host: string;
}

/** Exchanges the ticket in `Authorization` for a cookie. */
function signIn(req: IncomingMessage, res: ServerResponse, { port, host }: Place, sessions: PageSessions): void {
  const ticket = /^Bearer (\S+)$/.exec(req.headers.authorization ?? '')?.[1] ?? '';
  const session = sessions.redeem(ticket, host);
  if (session !== undefined) sendJson(res, 200, {}, { 'set-cookie': sessionCookie(port, session) });
  else
    sendFailure(res, 401, { code: 'signed_out', message: 'The link was used, or is too old', hint: 'Run: ktx open' });
}
