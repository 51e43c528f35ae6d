/** Server of the tools over the Model Context Protocol. */

import { McpServer, type Transport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { instructionsOf } from './instructions.js';
import { listedSchema } from './listed-schema.js';
import { servePrompts } from './prompts/serve.js';
import { registerResources } from './resources/register.js';
import type { KtxMcpServerOptions, Serving } from './server-options.js';
import { serveTasks } from './tasks/serve.js';
import { TaskStore } from './tasks/store.js';
import type { KtxMcpTool, ToolEffects } from './tool.js';
import { TOOLSETS } from './toolset.js';
import { selectTools } from './toolsets.js';

export type { KtxMcpServerOptions } from './server-options.js';

/** A server for one connection. */
export interface KtxMcpServer {
  /** Connects to a transport; resolves when the server is ready. */
  connect(transport: Transport): Promise<void>;
  /** Resolves when the connection is closed. */
  closed?: Promise<void>;
  /** Closes the connection and cancels running calls. */
  close?(): Promise<void>;
}

/** Creates a server for one connection. */
export function createKtxMcpServer(options: KtxMcpServerOptions): KtxMcpServer {
  let resolveClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    resolveClosed = resolve;
  });
  let close = async () => resolveClosed();
  return {
    closed,
    close: () => close(),
    async connect(transport) {
      const log = (message: string) => options.stderr.write(`${message}\n`);
      const tasks = new TaskStore();
      const serving = serveStdio(({ era }) => protocolServer(options, { era, tasks }), {
        transport,
        onerror: ({ message }) => log(`Protocol error: ${message}`),
      });
      const onClose = transport.onclose;
      transport.onclose = () => {
        onClose?.();
        tasks.close();
        resolveClosed();
      };
      close = () => serving.close();
    },
  };
}

/** Creates the protocol's server of one connection, session or request; it is connected by its caller. */
export function protocolServer(options: KtxMcpServerOptions, serving: Serving): McpServer {
  const { name, version, contextTools, toolsets = TOOLSETS } = options;
  const tools = selectTools(contextTools, toolsets);
  // Nothing is announced when it changes: clients list again.
  const capabilities = { tools: { listChanged: false }, prompts: { listChanged: false } };
  const server = new McpServer({ name, version, title: 'KTX' }, { instructions: instructionsOf(tools), capabilities });
  const tasks = serveTasks(server.server, tools, options, serving);
  server.server.setRequestHandler('tools/list', () => {
    const withTasks = tasks.areListed();
    return { tools: [...tools.open.values()].map((tool) => listedTool(tool, withTasks)) };
  });
  server.server.setRequestHandler('tools/call', ({ params }, { mcpReq }) => tasks.call(params, mcpReq));
  servePrompts(server, contextTools.prompts);
  if (toolsets.includes('read')) registerResources(server, contextTools);
  return server;
}

/** Claude Code shows its model only the names of other tools: https://code.claude.com/docs/en/mcp */
const ALWAYS_LOADED = { 'anthropic/alwaysLoad': true };

function listedTool(tool: KtxMcpTool, withTasks: boolean) {
  const { name, title, description, input, effects, alwaysLoaded = false, mayTakeLong = false } = tool;
  return {
    name,
    title,
    description,
    inputSchema: listedSchema(input),
    annotations: annotationsOf(effects),
    ...(withTasks && mayTakeLong ? { execution: { taskSupport: 'optional' as const } } : {}),
    ...(alwaysLoaded ? { _meta: ALWAYS_LOADED } : {}),
  };
}

/** Hints that differ from the defaults of the protocol, which are those of a tool that may change anything. */
function annotationsOf({ readOnly, destructive = false, idempotent = false, openWorld }: ToolEffects) {
  return {
    ...(readOnly ? { readOnlyHint: true } : { readOnlyHint: false, destructiveHint: destructive }),
    ...(!readOnly && idempotent ? { idempotentHint: true } : {}),
    ...(openWorld ? {} : { openWorldHint: false }),
  };
}
