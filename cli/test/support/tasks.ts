/** The official client of tasks, on a connected client of either revision. */

import type { Client } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient, type RawClientDispatch } from '@modelcontextprotocol/ext-tasks/client';
import type { ErrorV2 } from '@modelcontextprotocol/ext-tasks/core/v2';
import { onTestFinished, vi } from 'vitest';

type Json = Parameters<RawClientDispatch>[0];
type Answer = { id?: unknown; result?: Json; error?: ErrorV2 };

/** Options of a client for each revision that has tasks. */
export const REVISIONS = {
  '2025-11-25': {},
  '2026-07-28': { versionNegotiation: { mode: { pin: '2026-07-28' } } },
} as const;

/** What a client of 2026 that takes tasks declares. */
export const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** Answer to each question of the server. */
export type AnswerQuestion = (message: string) => { action: 'accept' | 'decline'; content?: { install: boolean } };

let sessions = 0;

/** Opens a session of tasks; it is closed at the end of the test. */
export function openTasks(client: Client, answer?: AnswerQuestion) {
  sessions += 1;
  const onInputRequest = async ({ params }: { params?: Record<string, unknown> }) => answer?.(String(params?.message));
  const session = createTaskSessionFromClient(client, {
    endpointId: `session-${sessions}`,
    ...(answer === undefined ? {} : { onInputRequest: onInputRequest as never }),
    ...(client.getProtocolEra() === 'modern'
      ? {
          rawDispatch: dispatchOf(client),
          v2RequestFraming: {
            protocolVersion: '2026-07-28',
            clientInfo: { name: 'ktx-tests', version: '1' },
            clientCapabilities: { ...TASKS, ...(answer === undefined ? {} : { elicitation: { form: {} } }) },
          },
        }
      : {}),
  });
  onTestFinished(() => session.close());
  return session;
}

/** What an answer of the server has. */
interface RawAnswer {
  result: Record<string, unknown>;
  error?: { code: number; message: string; data?: unknown };
}

/** Sends a request as it is, in 2026 with the capabilities of the client; resolves with the bare answer. */
export async function requestRaw(
  client: Client,
  method: string,
  params: { _meta?: object; [key: string]: unknown },
  capabilities: object = TASKS,
): Promise<RawAnswer> {
  const answer = await dispatchOf(client)({ method, params: frame(client, params, capabilities) } as Json);
  if (answer.kind === 'error') return { result: {}, error: answer.error };
  return { result: answer.result as Record<string, unknown> };
}

/** Sends a request, and cancels it at once. */
export async function requestAndCancel({ transport }: Client, method: string, params: object): Promise<void> {
  const id = crypto.randomUUID();
  await Promise.all([
    transport?.send({ jsonrpc: '2.0', id, method, params: params as Record<string, unknown> }),
    transport?.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }),
  ]);
}

/** Parameters of a request, in 2026 with what the client declares. */
export function frame(
  client: Client,
  params: { _meta?: object; [key: string]: unknown },
  capabilities: object = TASKS,
) {
  if (client.getProtocolEra() !== 'modern') return params;
  const declared = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'ktx-tests', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  return { ...params, _meta: { ...params._meta, ...declared } };
}

/** A task by its requests. */
export async function startTask(
  client: Client,
  params: { name: string; arguments: object; _meta?: object; task?: object },
  capabilities: object = TASKS,
) {
  const isModern = client.getProtocolEra() === 'modern';
  const called = isModern ? params : { task: {}, ...params };
  const { result, error } = await requestRaw(client, 'tools/call', called, capabilities);
  const created = (isModern ? result : result.task) as { taskId: string; status: string } | undefined;
  if (created?.taskId === undefined) throw new Error(`There is no task: ${JSON.stringify(error ?? result)}`);
  const { taskId } = created;
  const request = (method: string, more: object = {}) => requestRaw(client, method, { taskId, ...more }, capabilities);
  const get = async () => (await request('tasks/get')).result;
  return {
    id: taskId,
    created: created as Record<string, unknown>,
    request,
    get,
    /** Waits until the task has this status. */
    reaches: (status: string) => poll(get, (task) => task.status === status),
    /** Waits until the task has ended. */
    ended: () => poll(get, ({ status }) => status !== 'working' && status !== 'input_required'),
    async result() {
      return isModern ? ((await get()).result as Record<string, unknown>) : (await request('tasks/result')).result;
    },
  };
}

type Facts = Record<string, unknown>;

async function poll(get: () => Promise<Facts>, isDone: (task: Facts) => boolean): Promise<Facts> {
  const look = async () => {
    const task = await get();
    return isDone(task) && task;
  };
  return vi.waitUntil(look, { timeout: 120_000, interval: 50 });
}

const dispatchers = new WeakMap<Client, RawClientDispatch>();

/** Requests beside those of the client, whose library decodes no tasks. */
function dispatchOf(client: Client): RawClientDispatch {
  const dispatch = dispatchers.get(client) ?? createDispatch(client);
  dispatchers.set(client, dispatch);
  return dispatch;
}

function createDispatch({ transport }: Client): RawClientDispatch {
  if (transport === undefined) throw new Error('The client is not connected');
  const { onmessage } = transport;
  const waiting = new Map<unknown, (answer: Answer) => void>();
  transport.onmessage = (message, extra) => {
    const settle = waiting.get((message as Answer).id);
    if (settle === undefined) return onmessage?.(message, extra);
    waiting.delete((message as Answer).id);
    settle(message as Answer);
  };
  return async (request) => {
    const id = crypto.randomUUID();
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    await transport.send({ jsonrpc: '2.0', id, ...(request as { method: string }) });
    const { result, error } = await answered;
    return error === undefined ? { kind: 'result', result: result as Json } : { kind: 'error', error };
  };
}
