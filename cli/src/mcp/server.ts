/** Server of the tools over the Model Context Protocol. */

import { McpServer, type ServerContext, type Transport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { describeFailure } from '../errors.js';
import { logEvent, newRequestId } from '../log.js';
import { failureResult, successResult } from './answer.js';
import { parseArguments, withoutValidation } from './arguments.js';
import type { KtxMcpContextTools } from './context-tools.js';
import { CallProgress } from './progress.js';
import type { KtxMcpTool, ToolEffects } from './tool.js';
import { createTools } from './tools/index.js';

const INSTRUCTIONS = [
  'KTX gives access to the warehouses of this project.',
  'connection_list lists the connections; scan_run reads a schema; table_read describes a table; the sl_ tools read, write',
  'and query the semantic layer.',
  'A failed call returns a code, a message and usually a next step: report them to the user.',
].join(' ');

/** Options of a server. */
export interface KtxMcpServerOptions {
  name: string;
  version: string;
  userContext: { userId: string };
  contextTools: KtxMcpContextTools;
  /** Target of the log of the server. */
  stderr: { write(chunk: string): unknown };
  /** Messages of the runtime, such as the phases of an installation. */
  notices?: { listen(listener: (message: string) => void): () => void };
}

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
      const serving = serveStdio(() => protocolServer(options), {
        transport,
        onerror: ({ message }) => log(`Protocol error: ${message}`),
      });
      const onClose = transport.onclose;
      transport.onclose = () => {
        onClose?.();
        resolveClosed();
      };
      close = () => serving.close();
    },
  };
}

/** Creates the server of one connection, session or request. */
export function protocolServer(options: KtxMcpServerOptions): McpServer {
  const { name, version, contextTools } = options;
  const server = new McpServer({ name, version, title: 'KTX' }, { instructions: INSTRUCTIONS });
  for (const tool of createTools(contextTools)) {
    const config = {
      title: tool.title,
      description: tool.description,
      inputSchema: withoutValidation(tool.input),
      outputSchema: tool.output,
      annotations: annotations(tool.title, tool.effects),
    };
    server.registerTool(tool.name, config, (args, context) => callTool(tool, args, context, options));
  }
  return server;
}

function annotations(title: string, { readOnly, destructive, idempotent, openWorld }: ToolEffects) {
  return {
    title,
    readOnlyHint: readOnly,
    destructiveHint: destructive ?? false,
    idempotentHint: idempotent ?? readOnly,
    openWorldHint: openWorld,
  };
}

/** Runs a tool and converts its outcome into a result of the protocol. */
async function callTool(
  tool: KtxMcpTool,
  args: Record<string, unknown>,
  { mcpReq }: ServerContext,
  { userContext, stderr, notices }: KtxMcpServerOptions,
) {
  if (!tool.effects.readOnly) stderr.write(`${tool.name} for ${userContext.userId}\n`);
  const requestId = newRequestId();
  const progress = new CallProgress(mcpReq);
  const report = (message: string) => progress.report(message);
  const removeListener = notices?.listen(report);
  try {
    // The call may have been cancelled while it was queued behind others.
    mcpReq.signal.throwIfAborted();
    const result = await tool.run(parseArguments(tool, args), { signal: mcpReq.signal, requestId, onProgress: report });
    await logEvent({ level: 'debug', event: 'tool.finished', requestId, fields: { tool: tool.name } });
    return successResult(result);
  } catch (error) {
    const fields = { tool: tool.name, code: describeFailure(error).code };
    await logEvent({ level: 'warn', event: 'tool.failed', requestId, fields });
    return failureResult(error);
  } finally {
    removeListener?.();
    await progress.settled();
  }
}
