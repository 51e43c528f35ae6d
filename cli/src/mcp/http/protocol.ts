/** The endpoint of the protocol: both revisions at one URL. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, isJsonContentType, isLegacyRequest, type McpServer } from '@modelcontextprotocol/server';
import { repairCall } from '../call-arguments.js';
import type { Serving } from '../server-options.js';
import { TaskStore } from '../tasks/store.js';
import { IDLE_CHECK_MS, MAX_REQUEST_BYTES } from './limits.js';
import { PARSE_ERROR, rpcResponse } from './replies.js';
import { Sessions } from './sessions.js';

/** A request as the library declares it; its properties are those of Node's. */
type NodeRequest = Parameters<ReturnType<typeof toNodeHandler>>[0];

/** An endpoint. */
export interface ProtocolEndpoint {
  /** Answers a request that has passed all checks. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** Resolves when no tool call is running, as a task or not, and the answers have been sent. */
  callsFinished(): Promise<void>;
  /** Cancels running calls and tasks, and closes sessions and streams. */
  close(): Promise<void>;
}

/** Creates the endpoint; each session, and each request of the revision of 2026, gets a server of its own. */
export function createProtocolEndpoint(
  createServer: (serving: Serving) => McpServer,
  onError: (error: Error) => void,
): ProtocolEndpoint {
  const tasks = new TaskStore();
  const sessions = new Sessions(() => createServer({ era: 'legacy', tasks }));
  const stateless = createMcpHandler(({ era }) => createServer({ era, tasks }), { legacy: 'reject', onerror: onError });
  const running = new Set<Promise<void>>();
  const timer = setInterval(() => void sessions.closeIdle().catch(onError), IDLE_CHECK_MS).unref();

  const serve = async (request: Request, finished: Promise<void>): Promise<Response> => {
    const body = await readBody(request);
    if (body instanceof Response) return body;
    if (answersCall(body.parsed)) {
      running.add(finished);
      void finished.then(() => running.delete(finished));
    }
    return (await isLegacyRequest(request, body.parsed))
      ? sessions.fetch(request, body.parsed, finished)
      : stateless.fetch(request, { parsedBody: body.parsed });
  };

  return {
    async handle(req, res) {
      const finished = new Promise<void>((resolve) => res.once('close', resolve));
      const fetch = (request: Request) => serve(request, finished);
      const answer = toNodeHandler({ fetch }, { maxRequestBodySize: MAX_REQUEST_BYTES, onerror: onError });
      try {
        await answer(req as NodeRequest, res);
      } catch (error) {
        onError(error as Error);
        res.destroy();
      }
    },
    async callsFinished() {
      await tasks.callsFinished();
      await Promise.all(running);
    },
    async close() {
      clearInterval(timer);
      tasks.close();
      await Promise.all([sessions.close(), stateless.close()]);
    },
  };
}

/** Reads and parses the body of a `POST`; `parsed` is `undefined` for other methods. A response is a refusal. */
async function readBody(request: Request): Promise<{ parsed: unknown } | Response> {
  if (request.method !== 'POST') return { parsed: undefined };
  if (!isJsonContentType(request.headers.get('content-type'))) {
    return rpcResponse(415, 'The content type of a request must be application/json');
  }
  try {
    const parsed: unknown = JSON.parse(await request.text());
    repairCall(parsed);
    return { parsed };
  } catch {
    return rpcResponse(400, 'The body of the request is not JSON', PARSE_ERROR);
  }
}

/** Methods whose answers wait for the end of a call. */
const CALLS: unknown[] = ['tools/call', 'tasks/result'];

function answersCall(body: unknown): boolean {
  const messages: unknown[] = Array.isArray(body) ? body : [body];
  return messages.some((message) => CALLS.includes((message as { method?: unknown } | null)?.method));
}
