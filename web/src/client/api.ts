/** Calls of the server by the page. */

import type { Api, ApiFailure, ApiName } from '../site/api.js';
import { pathOf, type Route, relativeLink } from '../site/route.js';

/** An error of the server, with what to do next. */
export class ApiError extends Error {
  readonly hint: string | undefined;

  constructor({ message, hint }: ApiFailure['error']) {
    super(message);
    this.hint = hint;
  }
}

/** Makes a call from the page of a route. Rejects with `ApiError`, and with the reason of the signal. */
export async function call<Name extends ApiName>(
  route: Route,
  name: Name,
  request: Api[Name]['request'],
  signal?: AbortSignal,
): Promise<Api[Name]['response']> {
  const response = await send(relativeLink(pathOf(route), `api/${name}`), request, signal);
  const body = (await response.json()) as Api[Name]['response'] | ApiFailure;
  if (!response.ok) throw new ApiError((body as ApiFailure).error);
  return body as Api[Name]['response'];
}

async function send(url: string, body: object, signal: AbortSignal | undefined): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  try {
    return await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), ...(signal && { signal }) });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError({ code: 'unreachable', message: 'The server does not answer', hint: 'Start it with: ktx open' });
  }
}
