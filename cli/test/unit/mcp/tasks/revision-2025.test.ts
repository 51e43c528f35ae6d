/** Rules of the tasks of 2025-11-25. */

import { RELATED_TASK_META_KEY } from '@modelcontextprotocol/client';
import { describe, expect, it, vi } from 'vitest';
import { connect } from '../../../support/mcp-client.js';
import { createScan, finishedScan, SCAN, scanTools } from '../../../support/scans.js';
import { openTasks, requestRaw, startTask } from '../../../support/tasks.js';

const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;

const endless = () => new Promise<never>(() => {});
const FORMS = { capabilities: { elicitation: { form: {} } } };

describe('a server of revision 2025-11-25', () => {
  it('declares tasks, and the tools that may take long', async () => {
    const { client } = await connect(scanTools(finishedScan));
    expect(client.getServerCapabilities()).toMatchObject({
      tools: {},
      tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
    });
    expect(client.getServerCapabilities()?.extensions).toBeUndefined();
    const { result } = await requestRaw(client, 'tools/list', {});
    expect(result.tools).toMatchObject([
      { name: 'scan_run', execution: { taskSupport: 'optional' } },
      { name: 'run_get' },
    ]);
    expect((result.tools as object[])[1]).not.toHaveProperty('execution');
  });

  it('has no tasks for an earlier revision', async () => {
    const earlier = { supportedProtocolVersions: ['2025-06-18'] };
    const { client } = await connect(scanTools(finishedScan), {}, earlier);
    expect(client.getNegotiatedProtocolVersion()).toBe('2025-06-18');
    expect(client.getServerCapabilities()?.tasks).toBeUndefined();
    expect(JSON.stringify((await requestRaw(client, 'tools/list', {})).result)).not.toContain('execution');
    const { result } = await requestRaw(client, 'tools/call', { ...SCAN, task: {} });
    expect(result).toMatchObject({ content: [{ text: expect.stringContaining('run-1') }] });
    for (const method of ['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel']) {
      const { error } = await requestRaw(client, method, { taskId: 'x' });
      expect(error).toMatchObject({ code: METHOD_NOT_FOUND });
    }
  });

  it('refuses a task of another tool, and of one that is switched off as without a task', async () => {
    const { client } = await connect(scanTools(finishedScan), { toolsets: ['read'] });
    const called = (name: string) => requestRaw(client, 'tools/call', { name, arguments: {}, task: {} });
    expect((await called('run_get')).error).toMatchObject({ code: METHOD_NOT_FOUND });
    expect((await called('scan_run')).result).toMatchObject({ isError: true });
    expect((await called('none')).error).toMatchObject({ code: INVALID_PARAMS });
  });

  it('fails the task of a call with invalid arguments', async () => {
    const { client } = await connect(scanTools(finishedScan));
    const task = await startTask(client, { name: 'scan_run', arguments: { connectionId: 7 } });
    expect(await task.ended()).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringContaining('connectionId'),
    });
  });

  it('waits for the end of the call with the result, which names the task', async () => {
    const { tools, started } = createScan();
    const { client } = await connect(tools);
    const task = await startTask(client, { ...SCAN, task: { ttl: 60_000 } });
    expect(task.created).toMatchObject({
      status: 'working',
      ttl: 60_000,
      pollInterval: expect.any(Number),
      createdAt: expect.stringMatching(/Z$/),
      lastUpdatedAt: expect.stringMatching(/Z$/),
    });
    const result = task.result();
    (await started).finish();
    expect(await result).toMatchObject({ _meta: { [RELATED_TASK_META_KEY]: { taskId: task.id } } });
    expect(await task.result()).toEqual(await result);
  });

  it('returns the failure of a cancelled call', async () => {
    const { tools, started } = createScan();
    const { client } = await connect(tools);
    const task = await startTask(client, SCAN);
    await started;
    await task.request('tasks/cancel');
    expect(await task.result()).toMatchObject({ isError: true });
    expect(await task.get()).toMatchObject({ status: 'cancelled', statusMessage: 'The client cancelled the task' });
  });

  it('sends progress after the answer, and each change of the status', async () => {
    const { tools, started } = createScan();
    const { client } = await connect(tools);
    const sent: { method: string; params?: object | undefined }[] = [];
    const receive = client.transport?.onmessage;
    if (client.transport) {
      client.transport.onmessage = (message, extra) => {
        if ('method' in message) sent.push(message);
        receive?.(message, extra);
      };
    }
    const task = await startTask(client, { ...SCAN, _meta: { progressToken: 'p' } });
    const { call, finish } = await started;
    call.onProgress?.('Reading tables');
    finish();
    await task.ended();
    const _meta = { [RELATED_TASK_META_KEY]: { taskId: task.id } };
    expect(sent).toMatchObject([
      {
        method: 'notifications/progress',
        params: { progressToken: 'p', progress: 1, message: 'Reading tables', _meta },
      },
      { method: 'notifications/tasks/status', params: { taskId: task.id, status: 'completed' } },
    ]);
  });

  it('lists the tasks of the session in pages, and refuses more of them than it keeps', async () => {
    const { client } = await connect(scanTools(endless));
    const tasks = openTasks(client);
    const ids: string[] = [];
    for (let count = 0; count < 100; count += 1) ids.push((await startTask(client, SCAN)).id);
    const { error } = await requestRaw(client, 'tools/call', { ...SCAN, task: {} });
    expect(error).toMatchObject({ code: INTERNAL_ERROR, message: expect.stringContaining('too many tasks') });
    const first = await tasks.listTasks();
    const second = await tasks.listTasks(first.nextCursor);
    expect([...first.tasks, ...second.tasks].map(({ taskId }) => taskId)).toEqual(ids);
    expect(first.tasks).toHaveLength(50);
    expect(second.nextCursor).toBeUndefined();
    expect((await requestRaw(client, 'tasks/list', { cursor: 'x' })).error).toMatchObject({ code: INVALID_PARAMS });
  });
});

describe('a question of a call that becomes a task', () => {
  /** A scan that asks, with `ask` as the functions of a project have it. */
  function asking() {
    const run = vi.fn<typeof finishedScan>(async (request, { confirmInstall } = {}) => {
      if (confirmInstall?.('Install it?') !== true) throw new Error('It is not installed');
      return finishedScan(request);
    });
    const ask = async (_: unknown, { confirmInstall }: Parameters<typeof run>[1] & object) => {
      if (confirmInstall !== undefined && !confirmInstall('Install it?')) throw new Error('declined');
    };
    return { run, tools: scanTools(run, ask) };
  }

  it.each([
    [{ action: 'accept', content: { install: true } }, 'completed'],
    [{ action: 'decline' }, 'failed'],
  ] as const)('is asked before there is a task; after %j the task is %s', async (answer, status) => {
    const { run, tools } = asking();
    const { client } = await connect(tools, {}, FORMS);
    const questions = vi.fn(async () => answer as never);
    const tasks = openTasks(client);
    client.setRequestHandler('elicitation/create', questions);
    const execution = await tasks.callTool(SCAN.name, SCAN.arguments, { task: { preference: 'require' } });
    expect(questions).toHaveBeenCalledOnce();
    expect((await execution.settle()).outcome.status).toBe(status);
    expect(run).toHaveBeenCalledOnce();
    expect(questions).toHaveBeenCalledOnce();
  });

  it('is not asked if the client shows no forms, nor in the task', async () => {
    const plain = await startTask((await connect(asking().tools)).client, SCAN);
    expect(await plain.ended()).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringContaining('not installed'),
    });
    // A host whose functions ask only when they run.
    const { client } = await connect(scanTools(asking().run), {}, FORMS);
    client.setRequestHandler('elicitation/create', () => {
      throw new Error('It is asked');
    });
    const task = await startTask(client, SCAN);
    expect(await task.ended()).toMatchObject({
      status: 'failed',
      statusMessage: expect.stringContaining('not installed'),
    });
  });
});
