/** The tools on the Model Context Protocol. */

import { McpServer, type ServerContext, type Transport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { describeFailure } from '../errors.js';
import { logEvent, newRequestId } from '../log.js';
import { failure, success } from './answer.js';
import { checkedArguments, describedBy } from './arguments.js';
import type { KtxMcpContextTools } from './context-tools.js';
import { CallProgress } from './progress.js';
import type { KtxMcpTool, ToolEffects } from './tool.js';
import { toolsOn } from './tools/index.js';

const INSTRUCTIONS = [
  'KTX knows the warehouses of this project.',
  'connection_list shows what can be reached; scan_run reads a schema; the sl_ tools hold and query the semantic layer.',
  'A failed call answers with a code, a sentence, and mostly with what to do next: pass that on to your user.',
].join(' ');

/** What a server is made with. */
export interface KtxMcpServerOptions {
  name: string;
  version: string;
  userContext: { userId: string };
  contextTools: KtxMcpContextTools;
  /** Where the server's log goes. */
  stderr: { write(chunk: string): unknown };
  /** Messages while calls run, such as the phases of an installation. */
  notices?: { listen(listener: (message: string) => void): () => void };
}

/** A server that has not been connected yet, or is. */
export interface KtxMcpServer {
  /** Serves on a transport; resolves when it is ready to. */
  connect(transport: Transport): Promise<void>;
  /** Resolves when the connection is over. */
  closed?: Promise<void>;
  /** Ends the connection; what still runs is cancelled. */
  close?(): Promise<void>;
}

/** Makes a server for one connection. */
export function createKtxMcpServer(options: KtxMcpServerOptions): KtxMcpServer {
  let over = () => {};
  const isOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  let close = async () => over();
  return {
    closed: isOver,
    close: () => close(),
    async connect(transport) {
      const log = (message: string) => options.stderr.write(`${message}\n`);
      const serving = serveStdio(() => protocolServer(options), {
        transport,
        onerror: ({ message }) => log(`Not understood: ${message}`),
      });
      const closed = transport.onclose;
      transport.onclose = () => {
        closed?.();
        over();
      };
      close = () => serving.close();
    },
  };
}

function protocolServer(options: KtxMcpServerOptions): McpServer {
  const { name, version, contextTools } = options;
  const server = new McpServer({ name, version, title: 'KTX' }, { instructions: INSTRUCTIONS });
  for (const tool of toolsOn(contextTools)) {
    const config = {
      title: tool.title,
      description: tool.description,
      inputSchema: describedBy(tool.input),
      outputSchema: tool.output,
      annotations: annotations(tool.title, tool.effects),
    };
    server.registerTool(tool.name, config, (args, context) => answer(tool, args, context, options));
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

async function answer(
  tool: KtxMcpTool,
  args: Record<string, unknown>,
  { mcpReq }: ServerContext,
  { userContext, stderr, notices }: KtxMcpServerOptions,
) {
  if (!tool.effects.readOnly) stderr.write(`${tool.name} for ${userContext.userId}\n`);
  const requestId = newRequestId();
  const progress = new CallProgress(mcpReq);
  const report = (message: string) => progress.report(message);
  const unlisten = notices?.listen(report);
  try {
    // Checking the arguments took a moment, in which a flood of calls may have been taken back.
    mcpReq.signal.throwIfAborted();
    const answer = await tool.run(checkedArguments(tool, args), { signal: mcpReq.signal, requestId, tell: report });
    await logEvent({ level: 'debug', event: 'tool.finished', requestId, fields: { tool: tool.name } });
    return success(answer);
  } catch (error) {
    const fields = { tool: tool.name, code: describeFailure(error).code };
    await logEvent({ level: 'warn', event: 'tool.failed', requestId, fields });
    return failure(error);
  } finally {
    unlisten?.();
    await progress.settled();
  }
}
