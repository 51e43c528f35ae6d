/** Tasks of both revisions over a connection in this process. */

import { describe, expect, it, vi } from 'vitest';
import { errorOf, STRUCTURED } from '../../../support/mcp.js';
import { connect } from '../../../support/mcp-client.js';
import { createScan, finishedScan, SCAN, scanTools } from '../../../support/scans.js';
import { frame, openTasks, REVISIONS, requestAndCancel, requestRaw, startTask } from '../../../support/tasks.js';

const INVALID_PARAMS = -32602;

describe.each(Object.entries(REVISIONS))('a task of revision %s', (revision, options) => {
  const isFirst = revision === '2025-11-25';

  it('has the newest progress, and the result of the call for the official client', async () => {
    const { tools, started } = createScan();
    const { client, log } = await connect(tools, {}, options);
    const tasks = openTasks(client);
    const task = { preference: 'require' } as const;
    const execution = await tasks.callTool(SCAN.name, SCAN.arguments, { task });
    const { finish, call } = await started;
    call.onProgress?.('Reading tables');
    call.onProgress?.('Reading columns');
    const controller = tasks.task(execution.handle?.taskId as never);
    expect(await controller.snapshot()).toMatchObject({ status: 'working', statusMessage: 'Reading columns' });
    finish();
    const text = expect.stringContaining('runId: run-1');
    expect((await execution.settle()).outcome).toMatchObject({ status: 'completed', result: { content: [{ text }] } });
    expect(await controller.snapshot()).toMatchObject({ status: 'completed', retentionMs: expect.any(Number) });
    expect(log.mock.calls).toEqual([['scan_run for ada\n']]);
  });

  it('is the same call as without it: lenient arguments, notes and structured content', async () => {
    const { client } = await connect(scanTools(finishedScan), {}, options);
    const lenient = { connectionId: 'warehouse', dryRun: null, thoughts: 'x' };
    const task = await startTask(client, { name: 'scan_run', arguments: lenient, _meta: STRUCTURED });
    expect(await task.ended()).toMatchObject({ status: 'completed' });
    expect(await task.result()).toMatchObject({
      structuredContent: { runId: 'run-1', dryRun: false, notes: [expect.stringContaining('thoughts')] },
    });
  });

  it('has the failure of the tool with its two texts', async () => {
    const failure = Object.assign(new Error('No such connection'), { code: 'KTX_CONNECTION_UNKNOWN' });
    const { client } = await connect(
      scanTools(() => Promise.reject(failure)),
      {},
      options,
    );
    const task = await startTask(client, SCAN);
    expect(await task.ended()).toMatchObject({
      status: isFirst ? 'failed' : 'completed',
      statusMessage: 'No such connection',
    });
    const result = await task.result();
    expect(result).toMatchObject({ isError: true });
    expect(errorOf(result as never)).toMatchObject({ code: 'KTX_CONNECTION_UNKNOWN' });
  });

  it('aborts its call when it is cancelled, and stays cancelled', async () => {
    const { tools, started, aborted } = createScan();
    const { client } = await connect(tools, {}, options);
    const task = await startTask(client, SCAN);
    await started;
    const { result } = await task.request('tasks/cancel');
    expect(result).toMatchObject(isFirst ? { taskId: task.id, status: 'cancelled' } : { resultType: 'complete' });
    expect(aborted).toHaveBeenCalledOnce();
    expect(await task.get()).toMatchObject({ status: 'cancelled' });
    if (isFirst) expect(errorOf((await task.result()) as never)).toMatchObject({ code: 'KTX_INTERRUPTED' });
    const again = await task.request('tasks/cancel');
    if (isFirst) expect(again.error).toMatchObject({ code: INVALID_PARAMS });
    else expect(again.result).toMatchObject({ resultType: 'complete' });
  });

  it('does not run if its call is cancelled before the client knows of it', async () => {
    const run = vi.fn(finishedScan);
    const { client } = await connect(scanTools(run), {}, options);
    await requestAndCancel(client, 'tools/call', frame(client, { ...SCAN, task: {} }));
    await (await startTask(client, { name: 'scan_run', arguments: { connectionId: 'other' } })).ended();
    expect(run.mock.calls.map(([{ connectionId }]) => connectionId)).toEqual(['other']);
  });

  it('that does not exist is an error', async () => {
    const { client } = await connect(scanTools(finishedScan), {}, options);
    const others = isFirst ? ['tasks/result'] : ['tasks/update'];
    for (const method of ['tasks/get', 'tasks/cancel', ...others]) {
      const { error } = await requestRaw(client, method, { taskId: 'none', inputResponses: {} });
      expect(error).toMatchObject({ code: INVALID_PARAMS, message: expect.stringContaining('not found') });
      expect((await requestRaw(client, method, {})).error).toMatchObject({ code: INVALID_PARAMS });
    }
  });

  it('is aborted when the client disconnects', async () => {
    const { tools, started, aborted } = createScan();
    const { client } = await connect(tools, {}, options);
    await startTask(client, SCAN);
    await started;
    expect(aborted).not.toHaveBeenCalled();
    await client.close();
    await vi.waitFor(() => expect(aborted).toHaveBeenCalledOnce());
  });

  it('is not created for a client that does not ask for it', async () => {
    const { client } = await connect(scanTools(finishedScan), {}, options);
    const { content } = await client.callTool(SCAN);
    expect(content).toMatchObject([{ text: expect.stringContaining('runId: run-1') }]);
  });
});
