/** Rules of the tasks of 2026-07-28. */

import { describe, expect, it } from 'vitest';
import { connect } from '../../../support/mcp-client.js';
import { createScan, finishedScan, SCAN, scanTools } from '../../../support/scans.js';
import { REVISIONS, requestRaw, startTask, TASKS } from '../../../support/tasks.js';

const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
const MISSING_CAPABILITY = -32021;

const OPTIONS = REVISIONS['2026-07-28'];
const endless = () => new Promise<never>(() => {});
const ASKING = { ...TASKS, elicitation: { form: {} } };

/** A scan that asks before each of its steps. */
function askingScan(steps = 1): typeof finishedScan {
  let answered = 0;
  return async (request, { confirmInstall } = {}) => {
    while (answered < steps) {
      if (confirmInstall?.(`Install ${answered}?`) !== true) throw new Error('It is not installed');
      answered += 1;
    }
    return finishedScan(request);
  };
}

describe('a server of revision 2026-07-28', () => {
  it('declares the extension, and nothing of the core of 2025', async () => {
    const { client } = await connect(scanTools(finishedScan), {}, OPTIONS);
    expect(client.getServerCapabilities()).toMatchObject(TASKS);
    expect(client.getServerCapabilities()?.tasks).toBeUndefined();
    expect(JSON.stringify((await requestRaw(client, 'tools/list', {})).result)).not.toContain('execution');
    for (const method of ['tasks/list', 'tasks/result']) {
      expect((await requestRaw(client, method, { taskId: 'x' })).error).toMatchObject({ code: METHOD_NOT_FOUND });
    }
  });

  it('answers a call that may take long with a task, which has no limit of time until it ends', async () => {
    const { tools, started } = createScan();
    const { client } = await connect(tools, {}, OPTIONS);
    const task = await startTask(client, SCAN);
    expect(task.created).toMatchObject({
      resultType: 'task',
      status: 'working',
      ttlMs: null,
      pollIntervalMs: expect.any(Number),
      createdAt: expect.stringMatching(/Z$/),
      lastUpdatedAt: expect.stringMatching(/Z$/),
    });
    (await started).finish();
    expect(await task.ended()).toMatchObject({
      resultType: 'complete',
      status: 'completed',
      ttlMs: expect.any(Number),
      result: { resultType: 'complete', content: [{ type: 'text' }] },
    });
  });

  it('answers directly without the extension, for short tools, invalid arguments, and when it keeps no more', async () => {
    const { client } = await connect(scanTools(finishedScan), {}, OPTIONS);
    const typeOf = async (params: object, capabilities?: object) =>
      (await requestRaw(client, 'tools/call', params as never, capabilities)).result.resultType;
    expect(await typeOf(SCAN, {})).toBe('complete');
    expect(await typeOf({ name: 'run_get', arguments: { runId: 'run-1' } })).toBe('complete');
    expect(await typeOf({ name: 'scan_run', arguments: {} })).toBe('complete');
    for (let count = 0; count < 100; count += 1) await startTask(client, SCAN);
    expect(await typeOf(SCAN)).toBe('complete');
  });

  it('refuses the methods of tasks to clients that do not declare the extension', async () => {
    const { client } = await connect(scanTools(endless), {}, OPTIONS);
    const { id } = await startTask(client, SCAN);
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const { error } = await requestRaw(client, method, { taskId: id, inputResponses: {} }, {});
      expect(error).toMatchObject({ code: MISSING_CAPABILITY, data: { requiredCapabilities: TASKS } });
    }
  });

  it('fails a task only with an error of the protocol', async () => {
    const failing = { write: () => expect.fail('The log is full') };
    const { client } = await connect(scanTools(finishedScan), { stderr: failing }, OPTIONS);
    const task = await startTask(client, SCAN);
    expect(await task.ended()).toMatchObject({
      status: 'failed',
      statusMessage: 'The log is full',
      error: { code: -32603, message: 'The log is full' },
    });
  });
});

describe('a question of a task', () => {
  it('is answered by an update, and each has its own key', async () => {
    const { client } = await connect(scanTools(askingScan(2)), {}, OPTIONS);
    const task = await startTask(client, SCAN, ASKING);
    for (const [number, text] of [
      [1, 'Install 0?'],
      [2, 'Install 1?'],
    ]) {
      const { inputRequests } = await task.reaches('input_required');
      expect(inputRequests).toEqual({
        [`install-${number}`]: {
          method: 'elicitation/create',
          params: expect.objectContaining({ message: expect.stringContaining(String(text)) }),
        },
      });
      expect((await task.request('tasks/update', { inputResponses: { other: {} } })).result).toBeDefined();
      expect(await task.get()).toMatchObject({ status: 'input_required' });
      const answer = { action: 'accept', content: { install: true } };
      await task.request('tasks/update', { inputResponses: { [`install-${number}`]: answer } });
    }
    expect(await task.ended()).toMatchObject({ status: 'completed', result: { content: [{ type: 'text' }] } });
  });

  it('ends the call if the user declines, and is not asked without forms', async () => {
    const { client } = await connect(scanTools(askingScan()), {}, OPTIONS);
    const task = await startTask(client, SCAN, ASKING);
    await task.reaches('input_required');
    await task.request('tasks/update', { inputResponses: { 'install-1': { action: 'decline' } } });
    expect(await task.ended()).toMatchObject({ status: 'completed', result: { isError: true } });
    const silent = await startTask(client, SCAN);
    expect(await silent.ended()).toMatchObject({ status: 'completed', result: { isError: true } });
  });

  it('is dropped when the task is cancelled', async () => {
    const { client } = await connect(scanTools(askingScan()), {}, OPTIONS);
    const task = await startTask(client, SCAN, ASKING);
    await task.reaches('input_required');
    await task.request('tasks/cancel');
    const cancelled = await task.get();
    expect(cancelled).toMatchObject({ status: 'cancelled' });
    expect(cancelled.inputRequests).toBeUndefined();
    const { error } = await task.request('tasks/update');
    expect(error).toMatchObject({ code: INVALID_PARAMS });
  });
});
