/** Options of an MCP server. */

import type { KtxMcpContextTools } from './context-tools.js';
import type { TaskStore } from './tasks/store.js';
import type { KtxMcpToolset } from './toolset.js';

/** What one server of the protocol serves: a connection, session or request. */
export interface Serving {
  /** Revisions up to 2025, or those from 2026. */
  era: 'legacy' | 'modern';
  /** Tasks of the process. */
  tasks: TaskStore;
}

/** Options of a server. */
export interface KtxMcpServerOptions {
  name: string;
  version: string;
  userContext: { userId: string };
  contextTools: KtxMcpContextTools;
  /** Default: all. */
  toolsets?: readonly KtxMcpToolset[];
  /** Target of the log of the server. */
  stderr: { write(chunk: string): unknown };
  /** Where the runtime is installed and what it takes, as a sentence that follows the question. */
  describeRuntime?: () => string;
  /** Messages of the runtime, such as the phases of an installation. */
  notices?: { listen(listener: (message: string) => void): () => void };
}
