import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { KtxMcpCall } from '../../../src/mcp/call.js';
import type { KtxMcpContextTools } from '../../../src/mcp/context-tools.js';
import { Notices } from '../../../src/mcp/notices.js';
import { createKtxMcpServer } from '../../../src/mcp/server.js';
import { scanReport } from '../../support/reports.js';

type ScanRun = NonNullable<KtxMcpContextTools['scan']>['run'];

const report = scanReport();

/** A scan that finishes immediately. */
const finishedScan: ScanRun = async ({ connectionId, dryRun = false }) => ({
  runId: report.runId,
  status: 'done',
  done: true,
  connectionId,
  mode: 'structural',
  dryRun,
  syncId: report.syncId,
  report,
});

const SCAN = { name: 'scan_run', arguments: { connectionId: 'warehouse' } };

/** A scan that runs until it is aborted. */
function createEndlessScan() {
  const started = vi.fn();
  const aborted = vi.fn();
  const run: ScanRun = (_, { signal } = {}) =>
    new Promise((_resolve, reject) => {
      started();
      signal?.addEventListener('abort', () => {
        aborted();
        reject(signal.reason);
      });
    });
  return { run, started, aborted };
}

/** Connects a client to a server with these functions. */
async function connect(contextTools: KtxMcpContextTools) {
  const log = vi.fn((_: string) => undefined);
  const notices = new Notices({ write: log });
  const options = { name: 'ktx', version: '0.0.0-test', userContext: { userId: 'ada' }, contextTools, notices };
  const server = createKtxMcpServer({ ...options, stderr: { write: log } });
  const [serverTransport, clientTransport] = InMemoryTransport.createLinkedPair();
  await server.connect(serverTransport as never);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(clientTransport);
  onTestFinished(() => client.close());
  return { client, server, notices, log };
}

function scanTools(run: ScanRun): KtxMcpContextTools {
  return { scan: { run, report: async () => report } };
}

/** The text of a result. */
function textOf({ content }: { content: { type: string }[] }): string {
  return (content as { type: string; text: string }[]).map(({ text }) => text).join();
}

describe('the tools of a server', () => {
  it('are those with functions', async () => {
    const { client } = await connect({ connections: { list: async () => [] } });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['connection_list']);
  });

  it('have a title, a description, schemas and annotations', async () => {
    const { client } = await connect(scanTools(finishedScan));
    const { tools } = await client.listTools();
    for (const tool of tools) {
      expect(tool.title).toBeTruthy();
      expect(tool.description).toMatch(/\.$/);
      expect(tool.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(tool.outputSchema).toMatchObject({ type: 'object' });
    }
    expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.openWorldHint])).toEqual(
      [
        ['scan_run', false, true],
        ['scan_report', true, false],
      ],
    );
  });
});

describe('a call', () => {
  it('returns structured content, and the same as text', async () => {
    const { client, log } = await connect(scanTools(finishedScan));
    const answer = await client.callTool(SCAN);
    expect(answer.isError).toBeFalsy();
    expect(answer.structuredContent).toMatchObject({ runId: 'run-1', dryRun: false, report });
    expect(JSON.parse(textOf(answer))).toEqual(answer.structuredContent);
    expect(log.mock.calls).toEqual([['scan_run for ada\n']]);
  });

  it('that fails returns code, message and next step, and the server continues', async () => {
    const failure = Object.assign(new Error('There is no connection x in ktx.yaml'), {
      code: 'KTX_CONNECTION_UNKNOWN',
      hint: 'See the connections of this project with: ktx connection list',
    });
    const { client } = await connect(scanTools(() => Promise.reject(failure)));
    const answer = await client.callTool({ name: 'scan_run', arguments: { connectionId: 'x' } });
    expect(answer.isError).toBe(true);
    expect(answer.structuredContent).toBeUndefined();
    expect(JSON.parse(textOf(answer))).toEqual({
      error: {
        code: 'KTX_CONNECTION_UNKNOWN',
        message: 'There is no connection x in ktx.yaml',
        next: expect.stringContaining('ktx connection list'),
      },
    });
    expect((await client.callTool({ name: 'scan_report', arguments: { runId: 'run-1' } })).isError).toBeFalsy();
  });

  it.each([
    [{}, /connectionId: /],
    [{ connectionId: 7 }, /connectionId: /],
    [{ connectionId: 'warehouse', dryRun: 'yes' }, /dryRun: /],
    [{ connectionId: 'warehouse', conectionId: 'x' }, /conectionId/],
  ])('with the invalid arguments %j is rejected before anything runs', async (args, name) => {
    const run = vi.fn(finishedScan);
    const { client } = await connect(scanTools(run));
    const answer = await client.callTool({ name: 'scan_run', arguments: args });
    expect(answer.isError).toBe(true);
    const { error } = JSON.parse(textOf(answer));
    expect(error).toMatchObject({ code: 'KTX_ARGUMENT_INVALID', next: expect.stringContaining('scan_run') });
    expect(error.message).toMatch(name);
    expect(run).not.toHaveBeenCalled();
  });

  it('sends its progress and that of the runtime, in order, before its result', async () => {
    const run = vi.fn<ScanRun>();
    const { client, notices, log } = await connect(scanTools(run));
    run.mockImplementation(async (request, call: KtxMcpCall = {}) => {
      call.onProgress?.('Reading');
      call.onProgress?.('Reading');
      notices.io.stderr.write('Installing KTX Python runtime (core) with uv...\n');
      call.onProgress?.('Staging (1/2)');
      return finishedScan(request);
    });
    const notifications: unknown[] = [];
    const onprogress = (progress: unknown) => void notifications.push(progress);
    await client.callTool(SCAN, { onprogress });
    expect(notifications).toEqual([
      { progress: 1, message: 'Reading' },
      { progress: 2, message: 'Installing KTX Python runtime (core) with uv...' },
      { progress: 3, message: 'Staging (1/2)' },
    ]);
    expect(log).toHaveBeenCalledWith('Installing KTX Python runtime (core) with uv...\n');
  });

  it('is aborted when the client cancels it', async () => {
    const { run, started, aborted } = createEndlessScan();
    const { client } = await connect(scanTools(run));
    const cancellation = new AbortController();
    const call = client.callTool(SCAN, { signal: cancellation.signal });
    await vi.waitUntil(() => started.mock.calls.length === 1, { timeout: 20_000 });
    cancellation.abort('no longer needed');
    await expect(call).rejects.toThrow();
    await vi.waitUntil(() => aborted.mock.calls.length === 1, { timeout: 20_000 });
  });

  it('is not started if it was cancelled before', async () => {
    const { run, started } = createEndlessScan();
    const { client } = await connect(scanTools(run));
    const cancellation = new AbortController();
    const call = client.callTool(SCAN, { signal: cancellation.signal });
    cancellation.abort('no longer needed');
    await expect(call).rejects.toThrow();
    expect((await client.callTool({ name: 'scan_report', arguments: { runId: 'run-1' } })).isError).toBeFalsy();
    expect(started).not.toHaveBeenCalled();
  });

  it('is aborted when the client disconnects, and the server is closed', async () => {
    const { run, started, aborted } = createEndlessScan();
    const { client, server } = await connect(scanTools(run));
    client.callTool(SCAN).catch(() => {});
    await vi.waitUntil(() => started.mock.calls.length === 1, { timeout: 20_000 });
    await client.close();
    await server.closed;
    await vi.waitUntil(() => aborted.mock.calls.length === 1, { timeout: 20_000 });
  });
});
