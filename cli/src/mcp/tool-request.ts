/** Request of a tool, as far as its call needs to know it. */

import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server';

/** The tool and its arguments. */
export interface ToolParams {
  name: string;
  arguments?: Record<string, unknown> | undefined;
}

/** The request that a call answers; a task has one of its own, which outlives the request that created it. */
export type ToolRequest = Pick<ServerContext['mcpReq'], '_meta' | 'envelope' | 'inputResponses' | 'notify' | 'signal'>;

/** The client of a call. */
export interface ToolClient {
  request: ToolRequest;
  /** What a client of the revisions of 2025 declared when it connected. */
  capabilities: ClientCapabilities | undefined;
  /** Gets every message of progress, also if the client requested no notifications. */
  onProgress?: ((message: string) => void) | undefined;
}

/** What a client of the revision of 2026 declares with its request. */
export function declaredCapabilities({ envelope }: Pick<ToolRequest, 'envelope'>): ClientCapabilities | undefined {
  const declared = envelope as { [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities } | undefined;
  return declared?.[CLIENT_CAPABILITIES_META_KEY];
}
