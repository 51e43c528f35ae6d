/** Runs the tools of a server. */

import {
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import { CliError, describeFailure } from '../errors.js';
import { logEvent, newRequestId } from '../log.js';
import { failureResult, successResult } from './answer.js';
import { flagHint, parseArguments } from './arguments.js';
import { InstallQuestion } from './install-question.js';
import { CallProgress } from './progress.js';
import type { KtxMcpServerOptions } from './server-options.js';
import type { KtxMcpTool } from './tool.js';
import type { ToolClient, ToolParams } from './tool-request.js';
import type { SelectedTools } from './toolsets.js';

/** Key of `_meta` by which a client asks for structured content in place of text. */
export const STRUCTURED_KEY = 'io.github.kaelio/structured';

/**
 * Runs a tool and converts its outcome into a result of the protocol; a tool that is switched off names its flag.
 *
 * Errors: a protocol error if there is no such tool.
 */
export async function callTool(
  tools: SelectedTools,
  { name, arguments: args = {} }: ToolParams,
  client: ToolClient,
  options: KtxMcpServerOptions,
): Promise<CallToolResult | InputRequiredResult> {
  const tool = tools.open.get(name);
  if (tool !== undefined) return runTool(tool, args, client, options);
  const flag = tools.closed.get(name);
  if (flag === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Tool ${name} not found`);
  const message = `${name} is switched off: the server was started without ${flag}`;
  return failureResult(new CliError('KTX_ARGUMENT_INVALID', message, flagHint(flag)));
}

async function runTool(
  tool: KtxMcpTool,
  args: Record<string, unknown>,
  { request, capabilities, onProgress }: ToolClient,
  { userContext, stderr, notices, describeRuntime = () => '' }: KtxMcpServerOptions,
): Promise<CallToolResult | InputRequiredResult> {
  if (!tool.effects.readOnly) stderr.write(`${tool.name} for ${userContext.userId}\n`);
  const requestId = newRequestId();
  const progress = new CallProgress(request);
  const question = new InstallQuestion(request, capabilities);
  const report = (message: string) => {
    onProgress?.(message);
    progress.report(message);
  };
  const removeListener = notices?.listen(report);
  try {
    // The call may have been cancelled while it was queued behind others.
    request.signal.throwIfAborted();
    const { args: valid, notes } = parseArguments(tool, args);
    const call = { signal: request.signal, requestId, onProgress: report };
    const result = await tool.run(valid, { ...call, ...question.confirmation });
    await logEvent({ level: 'debug', event: 'tool.finished', requestId, fields: { tool: tool.name } });
    return successResult(result, { notes, structured: request._meta?.[STRUCTURED_KEY] === true, narrow: tool.narrow });
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
