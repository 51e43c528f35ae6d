/** Scans as tasks, over both transports and in both revisions. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectClient, startHttpServer } from '../support/http.js';
import { ktx, temporaryDir } from '../support/ktx.js';
import { startMcpSession, textOf } from '../support/mcp.js';
import { writeProject, writeShop } from '../support/shop.js';
import { startSilentServer } from '../support/silent-server.js';
import { type AnswerQuestion, openTasks, REVISIONS, requestRaw, startTask, TASKS } from '../support/tasks.js';

type Revision = keyof typeof REVISIONS;

const EACH = (['stdio', 'http'] as const).flatMap((transport) =>
  (['2025-11-25', '2026-07-28'] as const).map((revision) => [transport, revision] as const),
);
const EACH_REVISION = ['2025-11-25', '2026-07-28'] as const;
const LOCAL = { connectionId: 'local' };
const SCAN_LOCAL = { name: 'scan_run', arguments: LOCAL };
const SCAN_MUTE = { name: 'scan_run', arguments: { connectionId: 'mute' } };
const FORMS = { capabilities: { elicitation: { form: {} } } };
const AS_TASK = { task: { preference: 'require' } } as const;

interface Place {
  cwd: string;
  env?: Record<string, string>;
}

async function connect(transport: 'stdio' | 'http', at: Place, revision: Revision, options: object = {}) {
  const all = { ...REVISIONS[revision], ...options };
  if (transport === 'stdio') return (await startMcpSession(at, [], all)).client;
  return connectClient(await startHttpServer(at), all);
}

async function shop(): Promise<Place> {
  const cwd = await temporaryDir();
  await writeShop(cwd);
  return { cwd };
}

/** A project whose only database never responds. */
async function mute() {
  const cwd = await temporaryDir();
  const { port, connected } = await startSilentServer();
  await writeProject(cwd, `  mute: { driver: postgres, url: "postgres://u@127.0.0.1:${port}/db", readonly: true }\n`);
  return { cwd, connected };
}

async function runsOf(at: Place): Promise<{ status: string; error?: string }[]> {
  return JSON.parse((await ktx(['ingest', 'status', '--json'], at)).stdout).runs;
}

async function expectFailedRun(at: Place, error = /interrupted/i): Promise<void> {
  const failed = async () => (await runsOf(at))[0]?.status === 'failed';
  await vi.waitUntil(failed, { timeout: 60_000, interval: 500 });
  expect(await runsOf(at)).toMatchObject([{ error: expect.stringMatching(error) }]);
  expect(existsSync(join(at.cwd, 'raw-sources'))).toBe(false);
}

describe.each(EACH)('a scan as a task over %s in revision %s', (transport, revision) => {
  it('tells its progress, and has the result of the scan', async () => {
    const at = await shop();
    const tasks = openTasks(await connect(transport, at, revision));
    const execution = await tasks.callTool('scan_run', LOCAL, AS_TASK);
    expect(execution.kind).toBe('task');
    const { outcome, lastTask } = await execution.settle();
    expect(outcome.status).toBe('completed');
    if (outcome.status === 'completed') expect(textOf(outcome.result as never)).toContain('customers');
    expect(lastTask?.statusMessage).toMatch(/\w/);
    expect(await runsOf(at)).toMatchObject([{ status: 'done' }]);
  });

  it('is cancelled: the run is recorded as failed, and nothing is staged', async () => {
    const { connected, ...at } = await mute();
    const client = await connect(transport, at, revision);
    const task = await startTask(client, SCAN_MUTE);
    await connected;
    expect((await task.request('tasks/cancel')).error).toBeUndefined();
    expect(await task.get()).toMatchObject({ status: 'cancelled' });
    await expectFailedRun(at);
    expect(await client.listTools()).toHaveProperty('tools');
  });
});

it.each(EACH_REVISION)('a task over stdio ends with the connection in revision %s', async (revision) => {
  const { connected, ...at } = await mute();
  const client = await connect('stdio', at, revision);
  await startTask(client, SCAN_MUTE);
  await connected;
  await client.close();
  await expectFailedRun(at);
});

describe.each(EACH_REVISION)('a task over HTTP in revision %s', (revision) => {
  async function disconnect(client: Client): Promise<void> {
    if (revision === '2025-11-25') await (client.transport as StreamableHTTPClientTransport).terminateSession();
    await client.close();
  }

  it('goes on when its client disconnects', async () => {
    const { connected, ...at } = await mute();
    const server = await startHttpServer(at);
    const client = await connectClient(server, REVISIONS[revision]);
    await startTask(client, SCAN_MUTE);
    await connected;
    await disconnect(client);
    await expectFailedRun(at, /did not accept a session/);
  });

  it('has a result that another connection reads', async () => {
    const server = await startHttpServer(await shop());
    const first = await connectClient(server, REVISIONS[revision]);
    const { id } = await startTask(first, SCAN_LOCAL);
    await disconnect(first);
    const second = await connectClient(server, REVISIONS[revision]);
    const outcome = await openTasks(second)
      .task(id as never)
      .result();
    expect(outcome).toMatchObject({ status: 'completed', task: { taskId: id } });
    expect(JSON.stringify(outcome)).toContain('customers');
    if (revision === '2025-11-25') expect((await requestRaw(second, 'tasks/list', {})).result).toEqual({ tasks: [] });
  });

  it('has time to end when the server is stopped', async () => {
    const { connected, ...at } = await mute();
    const server = await startHttpServer(at);
    await startTask(await connectClient(server, REVISIONS[revision]), SCAN_MUTE);
    await connected;
    server.process.child.kill('SIGTERM');
    expect((await server.process.finished).code).toBe(130);
    await expectFailedRun(at, /did not accept a session|interrupted/i);
  });
});

describe('a task that needs a runtime which is not installed', () => {
  /** A shop whose runtime is missing, and the client with the answer of its user. */
  async function prepare(transport: 'stdio' | 'http', revision: Revision, answer: ReturnType<AnswerQuestion>) {
    const { cwd } = await shop();
    const root = join(cwd, 'runtime');
    const at = { cwd, env: { KTX_RUNTIME_ROOT: root } };
    onTestFinished(async () => void (await ktx(['runtime', 'stop'], at)));
    const client: Client = await connect(transport, at, revision, FORMS);
    const questions: string[] = [];
    const tasks = openTasks(client, (message) => {
      questions.push(message);
      return answer;
    });
    return { at, root, client, tasks, questions };
  }

  it.each([
    ['http', '2025-11-25'],
    ['stdio', '2026-07-28'],
  ] as const)('asks over %s in revision %s, and goes on with the installation', async (transport, revision) => {
    const accept = { action: 'accept', content: { install: true } } as const;
    const { at, root, tasks, questions } = await prepare(transport, revision, accept);
    const execution = await tasks.callTool('scan_run', LOCAL, { ...AS_TASK, requestTimeoutMs: 60_000 });
    const messages = new Set<string>();
    const { outcome } = await execution.settle({
      onEvent: (event) => void (event.type === 'task' && messages.add(String(event.task.statusMessage))),
    });
    expect(outcome).toMatchObject({ status: 'completed' });
    expect(JSON.stringify(outcome)).toContain('customers');
    expect(questions).toEqual([expect.stringContaining(root)]);
    expect([...messages].join('\n')).toMatch(/Installing/);
    expect(await runsOf(at)).toMatchObject([{ status: 'done' }]);
  });

  it.each(EACH_REVISION)('fails in revision %s if the user declines', async (revision) => {
    const { root, tasks, questions } = await prepare('stdio', revision, { action: 'decline' });
    const { outcome } = await (await tasks.callTool('scan_run', LOCAL, AS_TASK)).settle();
    expect(outcome.status).toBe(revision === '2025-11-25' ? 'failed' : 'completed');
    const text = outcome.status === 'failed' ? outcome.error.message : JSON.stringify(outcome);
    expect(text).toMatch(/runtime/);
    expect(questions).toHaveLength(1);
    expect(existsSync(root)).toBe(false);
  });

  it('waits for the input of a client of 2026', async () => {
    const { client, root } = await prepare('stdio', '2026-07-28', { action: 'decline' });
    const task = await startTask(client, SCAN_LOCAL, { ...TASKS, ...FORMS.capabilities });
    const { inputRequests } = await task.reaches('input_required');
    expect(JSON.stringify(inputRequests)).toContain(root);
    await task.request('tasks/cancel');
    expect(await task.get()).toMatchObject({ status: 'cancelled' });
    expect(existsSync(root)).toBe(false);
  });
});
