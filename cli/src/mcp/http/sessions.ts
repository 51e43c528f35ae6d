/** Sessions of clients of the revisions of 2025, which have one server each. */

import { randomUUID } from 'node:crypto';
import {
  isInitializeRequest,
  isJSONRPCRequest,
  type McpServer,
  type RequestId,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { MAX_SESSIONS, SESSION_IDLE_MS } from './limits.js';
import { INVALID_REQUEST, rpcResponse } from './replies.js';

interface Session {
  transport: WebStandardStreamableHTTPServerTransport;
  server: McpServer;
  /** Number of its responses that are not complete: running calls and streams. */
  openResponses: number;
  /** Time of the last request or end of a response, in milliseconds since the Unix epoch. */
  lastUsed: number;
}

/** Open sessions, by their id. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  constructor(
    private readonly createServer: () => McpServer,
    private readonly maxSessions = MAX_SESSIONS,
  ) {}

  /** Answers a request; `finished` resolves when its response is complete or its connection is closed. */
  async fetch(request: Request, parsedBody: unknown, finished: Promise<void>): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id === null) return this.#open(request, parsedBody, finished);
    const session = this.#sessions.get(id);
    if (session === undefined)
      return rpcResponse(404, 'Session not found: initialize a new one, or connect the client again');
    track(session, finished);
    cancelOnDisconnect(session, request, parsedBody);
    return session.transport.handleRequest(request, { parsedBody });
  }

  /** Closes the sessions that have been idle for too long. */
  async closeIdle(now = Date.now(), limit = SESSION_IDLE_MS): Promise<void> {
    const idle = [...this.#sessions.values()].filter(
      ({ openResponses, lastUsed }) => openResponses === 0 && now - lastUsed >= limit,
    );
    await Promise.all(idle.map(({ server }) => server.close()));
  }

  /** Closes all sessions, which cancels their calls. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map(({ server }) => server.close()));
  }

  async #open(request: Request, parsedBody: unknown, finished: Promise<void>): Promise<Response> {
    const messages = Array.isArray(parsedBody) ? parsedBody : [parsedBody];
    if (!messages.some(isInitializeRequest)) {
      return rpcResponse(400, 'A request without the header Mcp-Session-Id must initialize a session', INVALID_REQUEST);
    }
    if (!(await this.#makeRoom()))
      return rpcResponse(503, `All ${this.maxSessions} sessions are in use: try again later`);
    const id = randomUUID();
    const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => id });
    const session = { transport, server: this.createServer(), openResponses: 0, lastUsed: Date.now() };
    this.#sessions.set(id, session);
    track(session, finished);
    await session.server.connect(transport);
    const { onclose } = transport;
    transport.onclose = () => {
      this.#sessions.delete(id);
      onclose?.();
    };
    const response = await transport.handleRequest(request, { parsedBody });
    if (transport.sessionId === undefined) await session.server.close();
    return response;
  }

  /** Closes the session that has been idle longest if there are too many; `false` if none is idle. */
  async #makeRoom(): Promise<boolean> {
    if (this.#sessions.size < this.maxSessions) return true;
    const idle = [...this.#sessions.values()].filter(({ openResponses }) => openResponses === 0);
    const oldest = idle.sort((left, right) => left.lastUsed - right.lastUsed)[0];
    await oldest?.server.close();
    return oldest !== undefined;
  }
}

function track(session: Session, finished: Promise<void>): void {
  session.openResponses += 1;
  void finished.then(() => {
    session.openResponses -= 1;
    session.lastUsed = Date.now();
  });
}

/** Cancels the requests of a body when the client disconnects: there is no other way to send it their results. */
function cancelOnDisconnect({ transport }: Session, request: Request, parsedBody: unknown): void {
  const requestIds = requestIdsOf(parsedBody);
  const cancel = () => {
    for (const requestId of requestIds) {
      const params = { requestId, reason: 'The client disconnected' };
      transport.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
    }
  };
  request.signal.addEventListener('abort', cancel, { once: true });
}

function requestIdsOf(body: unknown): RequestId[] {
  const messages: unknown[] = Array.isArray(body) ? body : [body];
  return messages.filter((message) => isJSONRPCRequest(message)).map(({ id }) => id);
}
