import type { KtxProject } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import type { KtxMcpCall } from '../../../src/mcp/call.js';
import { createLocalProjectMcpContextPorts } from '../../../src/mcp/context/create.js';
import type { KtxMcpContextTools } from '../../../src/mcp/context-tools.js';
import { briefReport } from '../../../src/mcp/run-report.js';
import { errorOf, STRUCTURED, textOf } from '../../support/mcp.js';
import { connect } from '../../support/mcp-client.js';
import { scanReport } from '../../support/reports.js';
import { finishedScan, SCAN, scanTools } from '../../support/scans.js';

type ScanRun = NonNullable<KtxMcpContextTools['scan']>['run'];

const report = scanReport();

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

describe('the tools of a server', () => {
  it('are those with functions', async () => {
    const { client } = await connect({ connections: { list: async () => [] } });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['connection_list']);
  });

  it('have a title, a description, a schema and annotations', async () => {
    const { client } = await connect(scanTools(finishedScan));
    const { tools } = await client.listTools();
    for (const tool of tools) {
      expect(tool.title).toBeTruthy();
      expect(tool.description).toMatch(/\.$/);
      expect(tool.inputSchema).toMatchObject({ type: 'object' });
      expect(tool.outputSchema).toBeUndefined();
    }
    expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.openWorldHint])).toEqual(
      [
        ['scan_run', false, undefined],
        ['run_get', true, false],
      ],
    );
  });
});

describe('the list of tools', () => {
  it('has at most 12 kB', async () => {
    const project = { projectDir: '/shop' } as KtxProject;
    const contextTools = createLocalProjectMcpContextPorts(project, {
      localIngest: { adapters: [] },
      executeQueries: true,
    });
    const { client } = await connect(contextTools);
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(17);
    expect(Buffer.byteLength(JSON.stringify({ tools }))).toBeLessThanOrEqual(12_000);
    const always = tools.filter(({ _meta }) => _meta?.['anthropic/alwaysLoad'] === true);
    expect(always.map(({ name }) => name)).toEqual(['search', 'sl_source_get', 'sl_query']);
    const { tools: ofTools, prompts } = client.getServerCapabilities() ?? {};
    expect([ofTools?.listChanged, prompts?.listChanged]).toEqual([false, false]);
  });

  it('leaves out what flags switched off, and a call of it names the flag', async () => {
    const { client } = await connect(scanTools(finishedScan), { toolsets: ['read'] });
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['run_get']);
    const answer = await client.callTool(SCAN);
    expect(answer.isError).toBe(true);
    expect(errorOf(answer).message).toBe('scan_run is switched off: the server was started without --tools read,write');
    expect(errorOf(answer).hint).toContain('--tools read,write');
    await expect(client.callTool({ name: 'no_such_tool', arguments: {} })).rejects.toThrow('not found');
  });
});

describe('a call', () => {
  it('returns text, and structured content in its place where the client asks for it', async () => {
    const { client, log } = await connect(scanTools(finishedScan));
    const answer = await client.callTool(SCAN);
    expect(answer.isError).toBeFalsy();
    expect(answer.structuredContent).toBeUndefined();
    expect(textOf(answer)).toMatch(/^runId: run-1\n.*\n# report\n/s);
    const structured = await client.callTool({ ...SCAN, _meta: STRUCTURED });
    expect(structured.structuredContent).toMatchObject({ runId: 'run-1', dryRun: false, report: briefReport(report) });
    expect(textOf(structured)).not.toContain('run-1');
    expect(log.mock.calls).toEqual([['scan_run for ada\n'], ['scan_run for ada\n']]);
  });

  it('that finds nothing says so', async () => {
    const { client } = await connect({ connections: { list: async () => [] } });
    expect(textOf(await client.callTool({ name: 'connection_list', arguments: {} }))).toBe('# no entries');
  });

  it('that fails returns a sentence, then its code and a hint that names tools, and the server continues', async () => {
    const failure = Object.assign(new Error('There is no connection x in ktx.yaml'), {
      code: 'KTX_CONNECTION_UNKNOWN',
      hint: 'See the connections of this project with: ktx connection list',
    });
    const { client } = await connect(scanTools(() => Promise.reject(failure)));
    const answer = await client.callTool({ name: 'scan_run', arguments: { connectionId: 'x' } });
    expect(answer.isError).toBe(true);
    expect(answer.structuredContent).toBeUndefined();
    expect(answer.content[0]).toEqual({ type: 'text', text: 'There is no connection x in ktx.yaml' });
    expect(errorOf(answer)).toEqual({
      code: 'KTX_CONNECTION_UNKNOWN',
      message: 'There is no connection x in ktx.yaml',
      hint: 'connection_list has the ids of the connections',
    });
    expect((await client.callTool({ name: 'run_get', arguments: { runId: 'run-1' } })).isError).toBeFalsy();
  });

  it.each([
    [{}, /connectionId: required/, 'connection_list'],
    [{ connectionId: 7 }, /connectionId: expected a string/, 'scan_run'],
    [{ connectionId: 'warehouse', dryRun: 'yes' }, /dryRun: /, 'scan_run'],
    [{ connectionId: 'warehouse', conectionId: 'x' }, /conectionId/, 'scan_run'],
  ])('with the invalid arguments %j is rejected before anything runs', async (args, name, tool) => {
    const run = vi.fn(finishedScan);
    const { client } = await connect(scanTools(run));
    const answer = await client.callTool({ name: 'scan_run', arguments: args });
    expect(answer.isError).toBe(true);
    const error = errorOf(answer);
    expect(error).toMatchObject({ code: 'KTX_ARGUMENT_INVALID', hint: expect.stringContaining(tool) });
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
    expect((await client.callTool({ name: 'run_get', arguments: { runId: 'run-1' } })).isError).toBeFalsy();
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
