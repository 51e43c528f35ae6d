/** Tasks of the revision 2026-07-28, an extension: https://modelcontextprotocol.io/seps/2663-tasks-extension */

import { setImmediate } from 'node:timers/promises';
import {
  type CallToolResult,
  type InputRequiredResult,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  type Server,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { hasValidArguments } from '../arguments.js';
import { declaredCapabilities, type ToolParams, type ToolRequest } from '../tool-request.js';
import type { SelectedTools } from '../toolsets.js';
import { type CallTool, taskWork } from './run.js';
import type { TaskStore } from './store.js';
import type { Task } from './task.js';
import { commonFacts, POLL_INTERVAL_MS } from './view.js';

const NAME = 'io.modelcontextprotocol/tasks';

/** What the server declares, and clients that take tasks. */
export const TASKS_EXTENSION = { [NAME]: {} };

/** Server of one connection or request. */
export interface Server2026 {
  server: Server;
  tools: SelectedTools;
  tasks: TaskStore;
  call: CallTool;
}

/** Serves the tasks; the returned function calls a tool, as a task if the call may take long and its client takes tasks. */
export function serveTasks2026({ server, tools, tasks, call }: Server2026) {
  serveMethods(server, tasks);
  return async (params: ToolParams, request: ToolRequest): Promise<CallToolResult | InputRequiredResult> => {
    const tool = tools.open.get(params.name);
    if (tool?.mayTakeLong !== true || !takesTasks(request) || !hasValidArguments(tool, params.arguments ?? {})) {
      return call(params, request);
    }
    const work = taskWork(call, params, request, {
      // The extension has no notifications of progress.
      notify: () => async () => {},
      ask: (task, questions) => task.ask(questions),
    });
    // A cancellation that came with the call is seen afterwards: its client gets no answer, and could not cancel the task.
    await setImmediate();
    request.signal.throwIfAborted();
    const task = tasks.create(work);
    if (task === undefined) return call(params, request);
    // The library requires content of every result of a call.
    return { ...view(task), resultType: 'task', content: [] };
  };
}

function serveMethods(server: Server, tasks: TaskStore): void {
  const handle = (method: string, handler: (task: Task, request: ToolRequest) => Result) =>
    server.setRequestHandler(method, { params: z.object({ taskId: z.string() }) }, async ({ taskId }, { mcpReq }) => {
      if (!takesTasks(mcpReq)) {
        throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: TASKS_EXTENSION } });
      }
      return handler(tasks.find(taskId), mcpReq);
    });
  handle('tasks/get', (task) => ({ ...view(task), ...detailsOf(task) }));
  handle('tasks/update', (task, { inputResponses }) => {
    if (inputResponses === undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'inputResponses is missing');
    task.answer(inputResponses);
    return {};
  });
  handle('tasks/cancel', (task) => {
    task.cancel('The client cancelled the task');
    return {};
  });
}

function takesTasks(request: Pick<ToolRequest, 'envelope'>): boolean {
  return declaredCapabilities(request)?.extensions?.[NAME] !== undefined;
}

function view(task: Task) {
  return { ...commonFacts(task), status: statusOf(task), ttlMs: task.ttl, pollIntervalMs: POLL_INTERVAL_MS };
}

/** A failure of a tool is a result; only an error of the protocol is a failed task. */
function statusOf({ state, outcome }: Task) {
  if (state !== 'ended') return state;
  return outcome instanceof Error ? 'failed' : 'completed';
}

function detailsOf({ state, outcome, questions }: Task): object {
  if (state === 'input_required') return { inputRequests: questions };
  if (state !== 'ended') return {};
  if (!(outcome instanceof Error)) return { result: { ...outcome, resultType: 'complete' } };
  const { code = ProtocolErrorCode.InternalError, message } = outcome as Partial<ProtocolError> & Error;
  return { error: { code, message } };
}
