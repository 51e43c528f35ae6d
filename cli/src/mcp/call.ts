/** Context of a tool call, and options of the addon that depend on it. */

import { type CallOptions, callOptions, environmentOption } from '../terminal/io.js';

/** Context of a tool call. */
export interface KtxMcpCall {
  /** Aborted when the client cancels the call or disconnects. */
  signal?: AbortSignal;
  /** Id of the call in the logs and in the sessions of databases. */
  requestId?: string;
  /** Confirms the installation of the runtime; absent if the client cannot be asked, or its user has declined. */
  confirmInstall?: (question: string) => boolean;
  /** Reports progress to the client, if it requested progress. */
  onProgress?(message: string): void;
}

/** Options that the server was started with: trust and environment. */
export interface ServerOptions {
  trust?: 'always';
  environment?: string;
}

/** The options of the server, as options of the addon. */
export function serverOptionsOf({ trust, environment }: ServerOptions): ServerOptions {
  return { ...(trust === undefined ? {} : { trust }), ...environmentOption({ environment }) };
}

/** Options of the addon that depend on the call. */
export const optionsOf: (call: KtxMcpCall) => CallOptions = callOptions;
