/** One call of a tool, as the functions behind the tools see it. */

import { type CallOptions, callOptions } from '../terminal/io.js';

/** The surroundings of a call. */
export interface KtxMcpCall {
  /** Aborted when the client cancels or goes away. */
  signal?: AbortSignal;
  /** Id of the call in the logs and in the sessions of databases. */
  requestId?: string;
  /** Reports progress to a client that asked for it. */
  tell?(message: string): void;
}

/** Options of the addon that follow from how the tools were made. */
export function trustOf({ trust }: { trust?: 'always' }): { trust?: 'always' } {
  return trust === undefined ? {} : { trust };
}

/** Options of the addon that follow from a call. */
export const optionsOf: (call: KtxMcpCall) => CallOptions = callOptions;
