/** Tasks of the revision 2025-11-25, part of its core: https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/tasks */

import {
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  RELATED_TASK_META_KEY,
  type Result,
  type Server,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ToolParams, ToolRequest } from '../tool-request.js';
import type { SelectedTools } from '../toolsets.js';
import { type CallTool, taskWork } from './run.js';
import type { TaskStore } from './store.js';
import type { Task } from './task.js';
import { commonFacts, failureOf, POLL_INTERVAL_MS } from './view.js';

/** The only revision that has these tasks. */
const REVISION = '2025-11-25';

/** Tasks of one answer to `tasks/list`. */
const PAGE_SIZE = 50;

/** What the server declares. */
const TASKS = { list: {}, cancel: {}, requests: { tools: { call: {} } } };

/** A call, which the client may want as a task. */
export type TaskableParams = ToolParams & { task?: { ttl?: number | undefined } | undefined };

/** Server of one session. */
export interface Session2025 {
  server: Server;
  tools: SelectedTools;
  tasks: TaskStore;
  call: CallTool;
  /** The question that a call would ask before it runs. */
  ask(params: ToolParams, request: ToolRequest): Promise<InputRequiredResult | undefined>;
}

/** Whether the client of a session may use tasks. */
export function hasTasks(server: Server): boolean {
  return server.getNegotiatedProtocolVersion() === REVISION;
}

/** Declares and serves the tasks of a session; the returned function calls a tool, as a task if its client wants one. */
export function serveTasks2025(session: Session2025) {
  declareTasks(session.server);
  serveMethods(session);
  return async (params: TaskableParams, request: ToolRequest): Promise<CallToolResult | InputRequiredResult> => {
    const { server, tools, call, ask } = session;
    const tool = tools.open.get(params.name);
    if (params.task === undefined || tool === undefined || !hasTasks(server)) return call(params, request);
    if (tool.mayTakeLong !== true) {
      throw new ProtocolError(ProtocolErrorCode.MethodNotFound, `${tool.name} does not run as a task`);
    }
    // A client that polls a task may not look for questions, but every client takes them during a call.
    return (await ask(params, request)) ?? createTask(session, params, request);
  };
}

/** The library reads the capabilities for its answer to `initialize` when the revision is agreed on. */
function declareTasks(server: Server): void {
  const declared = server.getCapabilities.bind(server);
  server.getCapabilities = () => ({ ...declared(), ...(hasTasks(server) ? { tasks: TASKS } : {}) });
}

function createTask({ server, tasks, call }: Session2025, params: TaskableParams, request: ToolRequest) {
  const work = taskWork(call, params, request, {
    // The stream of the request has ended.
    notify: (task) => (notification) =>
      server.notification({ ...notification, params: { ...notification.params, _meta: relatedTo(task) } }),
    ask: async (_, questions) => Object.fromEntries(Object.keys(questions).map((key) => [key, { action: 'cancel' }])),
  });
  // The client may have cancelled the request while it was asked.
  request.signal.throwIfAborted();
  const task = tasks.create(work, { owner: server, ttl: params.task?.ttl });
  if (task === undefined) {
    const message = 'There are too many tasks: call the tool without one, or wait until tasks expire';
    throw new ProtocolError(ProtocolErrorCode.InternalError, message);
  }
  task.onChange = () =>
    void server.notification({ method: 'notifications/tasks/status', params: view(task) }).catch(() => {});
  // The library requires content of every result of a call.
  return { task: view(task), content: [] };
}

function serveMethods(session: Session2025): void {
  const { server, tasks } = session;
  const handle = <Params>(method: string, params: z.ZodType<Params>, handler: Handler<Params>) =>
    server.setRequestHandler(method, { params }, async (given, { mcpReq }) => {
      if (!hasTasks(server)) throw new ProtocolError(ProtocolErrorCode.MethodNotFound, 'Method not found');
      return handler(given, mcpReq);
    });
  const ofTask = z.object({ taskId: z.string() });
  handle('tasks/get', ofTask, ({ taskId }) => view(tasks.find(taskId)));
  handle('tasks/result', ofTask, ({ taskId }, { signal }) => resultOf(tasks.find(taskId), signal));
  handle('tasks/cancel', ofTask, ({ taskId }) => cancel(tasks.find(taskId)));
  handle('tasks/list', z.object({ cursor: z.string().optional() }), ({ cursor }) =>
    pageAfter(cursor, tasks.ofOwner(server)),
  );
}

type Handler<Params> = (params: Params, request: ToolRequest) => Result | Promise<Result>;

async function resultOf(task: Task, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const outcome = await Promise.race([task.ended, aborted]);
  if (outcome instanceof Error) throw outcome;
  return { ...outcome, _meta: { ...outcome._meta, ...relatedTo(task) } };
}

function cancel(task: Task): Result {
  if (!task.isActive) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'The task has already ended');
  task.cancel('The client cancelled the task');
  return view(task);
}

/** The cursor of a page is the id of the last task before it. */
function pageAfter(cursor: string | undefined, all: Task[]): Result {
  const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
  if (cursor !== undefined && start === 0) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      'The cursor is unknown: list the tasks from the beginning',
    );
  }
  const page = all.slice(start, start + PAGE_SIZE);
  const last = page.at(-1);
  const hasMore = start + PAGE_SIZE < all.length;
  return { tasks: page.map(view), ...(hasMore && last !== undefined ? { nextCursor: last.id } : {}) };
}

function relatedTo({ id }: Task) {
  return { [RELATED_TASK_META_KEY]: { taskId: id } };
}

function view(task: Task) {
  return { ...commonFacts(task), status: statusOf(task), ttl: task.ttl, pollInterval: POLL_INTERVAL_MS };
}

/** A failure of a tool is a failed task. */
function statusOf(task: Task) {
  if (task.state !== 'ended') return task.state;
  return failureOf(task) === undefined ? 'completed' : 'failed';
}
