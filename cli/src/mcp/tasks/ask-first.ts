/** Questions of a call before it becomes a task. */

import type { InputRequiredResult } from '@modelcontextprotocol/server';
import { parseArguments } from '../arguments.js';
import { InstallQuestion } from '../install-question.js';
import type { KtxMcpServerOptions } from '../server-options.js';
import type { KtxMcpTool } from '../tool.js';
import type { ToolClient, ToolParams } from '../tool-request.js';

/** The question that a call would ask, if its client can be asked and has not answered yet. */
export async function askFirst(
  tool: KtxMcpTool,
  { arguments: args = {} }: ToolParams,
  { request, capabilities }: ToolClient,
  { describeRuntime = () => '' }: KtxMcpServerOptions,
): Promise<InputRequiredResult | undefined> {
  if (request.inputResponses !== undefined) return undefined;
  const question = new InstallQuestion(request, capabilities);
  try {
    await tool.ask?.(parseArguments(tool, args).args, { signal: request.signal, ...question.confirmation });
  } catch {
    // The call of the task fails with it.
  }
  return question.request(describeRuntime);
}
