/** Runs the tools of a server. */

import {
  type CallToolResult,
  type ClientCapabilities,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { CliError, describeFailure } from '../errors.js';
import { logEvent, newRequestId } from '../log.js';
import { failureResult, successResult } from './answer.js';
import { flagHint, parseArguments } from './arguments.js';
import { InstallQuestion } from './install-question.js';
import { CallProgress } from './progress.js';
import type { KtxMcpServerOptions } from './server-options.js';
import type { KtxMcpTool } from './tool.js';
import type { SelectedTools } from './toolsets.js';

/** Key of `_meta` by which a client asks for structured content in place of text. */
export const STRUCTURED_KEY = 'io.github.kaelio/structured';

/** A request of a tool. */
interface ToolRequest {
  name: string;
  arguments?: Record<string, unknown> | undefined;
}

/** The client of a call. */
interface ToolClient {
  context: ServerContext;
  /** What a client of the revisions of 2025 declared when it connected. */
  capabilities: ClientCapabilities | undefined;
}

/**
 * Runs a tool and converts its outcome into a result of the protocol; a tool that is switched off names its flag.
 *
 * Errors: a protocol error if there is no such tool.
 */
export async function callTool(
  tools: SelectedTools,
  request: ToolRequest,
  client: ToolClient,
  options: KtxMcpServerOptions,
): Promise<CallToolResult | InputRequiredResult> {
  const tool = tools.open.get(request.name);
  if (tool !== undefined) return runTool(tool, request.arguments ?? {}, client, options);
  const flag = tools.closed.get(request.name);
  if (flag === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Tool ${request.name} not found`);
  const message = `${request.name} is switched off: the server was started without ${flag}`;
  return failureResult(new CliError('KTX_ARGUMENT_INVALID', message, flagHint(flag)));
}

async function runTool(
  tool: KtxMcpTool,
  args: Record<string, unknown>,
  { context, capabilities }: ToolClient,
  { userContext, stderr, notices, describeRuntime = () => '' }: KtxMcpServerOptions,
): Promise<CallToolResult | InputRequiredResult> {
  const { mcpReq } = context;
  if (!tool.effects.readOnly) stderr.write(`${tool.name} for ${userContext.userId}\n`);
  const requestId = newRequestId();
  const progress = new CallProgress(mcpReq);
  const question = new InstallQuestion(context, capabilities);
  const report = (message: string) => progress.report(message);
  const removeListener = notices?.listen(report);
  try {
    // The call may have been cancelled while it was queued behind others.
    mcpReq.signal.throwIfAborted();
    const { args: valid, notes } = parseArguments(tool, args);
    const call = { signal: mcpReq.signal, requestId, onProgress: report };
    const result = await tool.run(valid, { ...call, ...question.confirmation });
    await logEvent({ level: 'debug', event: 'tool.finished', requestId, fields: { tool: tool.name } });
    return successResult(result, { notes, structured: mcpReq._meta?.[STRUCTURED_KEY] === true, narrow: tool.narrow });
  } catch (error) {
    const asked = question.request(describeRuntime);
    if (asked !== undefined) return asked;
    const fields = { tool: tool.name, code: describeFailure(error).code };
    await logEvent({ level: 'warn', event: 'tool.failed', requestId, fields });
    return failureResult(error);
  } finally {
    removeListener?.();
    await progress.settled();
  }
}
