/** Context of a tool call, and options of the addon that depend on it. */

import { type CallOptions, callOptions } from '../terminal/io.js';

/** Context of a tool call. */
export interface KtxMcpCall {
  /** Aborted when the client cancels the call or disconnects. */
  signal?: AbortSignal;
  /** Id of the call in the logs and in the sessions of databases. */
  requestId?: string;
  /** Reports progress to the client, if it requested progress. */
  onProgress?(message: string): void;
}

/** The trust option of the server, as an option of the addon. */
export function trustOf({ trust }: { trust?: 'always' }): { trust?: 'always' } {
  return trust === undefined ? {} : { trust };
}

/** Options of the addon that depend on the call. */
export const optionsOf: (call: KtxMcpCall) => CallOptions = callOptions;
