/** Runs the call of a tool as a task. */

import { setImmediate } from 'node:timers/promises';
import { type CallToolResult, type InputRequiredResult, isInputRequiredResult } from '@modelcontextprotocol/server';
import type { ToolParams, ToolRequest } from '../tool-request.js';
import type { Answers, Questions, Task, TaskWork } from './task.js';

/** Calls a tool for the client of a server. */
export type CallTool = (
  params: ToolParams,
  request: ToolRequest,
  onProgress?: (message: string) => void,
) => Promise<CallToolResult | InputRequiredResult>;

/** How a task reaches its client, which depends on the revision of the protocol. */
export interface TaskClient {
  notify(task: Task): ToolRequest['notify'];
  ask(task: Task, questions: Questions): Promise<Answers>;
}

/** The work of a task: the same call as without one, on a request that lives as long as the task. */
export function taskWork(call: CallTool, params: ToolParams, created: ToolRequest, client: TaskClient): TaskWork {
  return async (task) => {
    // The answer with the task is sent before any notification of it.
    await setImmediate();
    const request = { ...created, signal: task.signal, notify: client.notify(task) };
    for (;;) {
      const result = await call(params, request, (message) => task.report(message));
      if (!isInputRequiredResult(result)) return result;
      request.inputResponses = await client.ask(task, result.inputRequests ?? {});
    }
  };
}
