/** Calls of the pages: what they may ask for, and how requests are checked. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { ApiName } from '../site/api.js';
import type { LoadContext } from './context.js';
import type { Action, PageHandlerOptions } from './options.js';
import { sendFailure, sendJson } from './replies.js';
import { search } from './search.js';
import { validate } from './validation.js';

/** Maximum bytes of a request. */
const MAX_BYTES = 256 * 1024;

const columns = z.strictObject({ table: z.string(), columns: z.array(z.string()).min(1) });

/** Shapes of the requests. The keys of a semantic query are checked when it is run. */
const REQUESTS: Record<ApiName, z.ZodType> = {
  search: z.strictObject({ query: z.string().max(1000) }),
  query: z.strictObject({ connectionId: z.string(), query: z.looseObject({}), execute: z.boolean() }),
  relationship: z.strictObject({
    connectionId: z.string(),
    from: columns,
    to: columns.optional(),
    status: z.enum(['accepted', 'rejected']),
  }),
  validation: z.strictObject({ connectionId: z.string(), start: z.boolean() }),
  lineage: z.strictObject({ connectionId: z.string(), name: z.string() }),
};

/** Answers a call. Rejects with the errors of the package. */
export async function answerCall(
  req: IncomingMessage,
  res: ServerResponse,
  name: string,
  options: PageHandlerOptions,
  loadContext: () => Promise<LoadContext>,
): Promise<void> {
  if (!Object.hasOwn(REQUESTS, name)) return sendFailure(res, 404, { code: 'not_found', message: 'No such call' });
  // A form of another page cannot send this type.
  if (req.headers['content-type'] !== 'application/json') {
    return sendFailure(res, 415, { code: 'content_type', message: 'The content type must be application/json' });
  }
  const parsed = REQUESTS[name as ApiName].safeParse(await readJson(req));
  if (!parsed.success) return sendFailure(res, 400, { code: 'request', message: z.prettifyError(parsed.error) });
  const { query, relationship, lineage } = options.actions;
  const actions: { [Name in ApiName]: Action<Name> } = {
    query,
    relationship,
    lineage,
    search: async (request) => search(request, await loadContext()),
    validation: async (request) => validate(request, await loadContext(), options.actions),
  };
  const run = actions[name as ApiName] as (request: unknown, signal: AbortSignal) => Promise<unknown>;
  const abort = new AbortController();
  res.once('close', () => abort.abort());
  return sendJson(res, 200, await run(parsed.data, abort.signal));
}

/** Reads a body; `undefined` if it is not JSON or too long. */
async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}
