import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { allocateDaemonPort } from '@kaelio/ktx';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ktx, startKtx, temporaryDir } from '../support/ktx.js';
import { STRUCTURED, startMcpSession } from '../support/mcp.js';
import { createDatabase } from '../support/postgres.js';
import { runSqlite, writeProject, writeShop } from '../support/shop.js';
import { startSilentServer } from '../support/silent-server.js';

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 'hello',
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};

/** Starts a server without a client: the test writes the lines of the protocol. */
function startRawServer(cwd: string) {
  const server = startKtx(['serve', '--mcp', 'stdio'], { cwd, input: true });
  onTestFinished(() => void server.child.kill());
  const send = (text: string) => void server.child.stdin?.write(`${text}\n`);
  const responses = () =>
    server
      .stdout()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { id?: unknown; result?: unknown; error?: unknown });
  const waitForResponse = (id: unknown) =>
    vi.waitFor(
      () => {
        const response = responses().find((each) => each.id === id);
        if (response === undefined) throw new Error(`No response to ${id} yet`);
        return response;
      },
      { timeout: 60_000 },
    );
  return {
    ...server,
    send,
    sendMessage: (message: object) => send(JSON.stringify(message)),
    responses,
    waitForResponse,
  };
}

const listRequest = (id: unknown) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'connection_list', arguments: {} },
});

describe('ktx serve --mcp stdio', () => {
  it.each([
    ['a client of an older revision', {}],
    ['a client of the newest revision', { versionNegotiation: { mode: 'auto' as const } }],
  ])('lists its tools for %s', async (_, options) => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const { client, strayOutput } = await startMcpSession({ cwd }, [], options);
    expect(client.getServerVersion()).toMatchObject({ name: 'ktx' });
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'connection_list',
        'connection_test',
        'scan_run',
        'run_get',
        'ingest_run',
        'run_get',
        'run_get',
      ]),
    );
    expect(names).not.toContain('sql_execute');
    expect(strayOutput).toEqual([]);
  });

  it('scans a SQLite file, reports changes, and keeps the reports', async () => {
    const cwd = await temporaryDir();
    const shop = await writeShop(cwd);
    const { call, client, strayOutput, log } = await startMcpSession({ cwd }, ['--user-id', 'ada']);
    expect(await call('connection_list')).toEqual({
      connections: [expect.objectContaining({ id: 'local', driver: 'sqlite', readonly: true })],
    });
    expect(await call('connection_test', { connectionId: 'local' })).toMatchObject({ tableCount: 3 });

    const messages: unknown[] = [];
    const onprogress = ({ message }: { message?: string | undefined }) => void messages.push(message);
    const request = { name: 'scan_run', arguments: { connectionId: 'local' }, _meta: STRUCTURED };
    const first = (await client.callTool(request, { onprogress })).structuredContent as { runId: string };
    expect(first).toMatchObject({ status: 'done', report: { diffSummary: { added: 3 } } });
    expect(messages).toContain('Comparing with the last sync');
    expect(await call('run_get', { runId: first.runId })).toMatchObject({ runId: first.runId, status: 'done' });

    runSqlite(shop, 'CREATE TABLE stores (id INT)');
    const second = await call('scan_run', { connectionId: 'local', dryRun: true });
    expect(second).toMatchObject({ dryRun: true, report: { changes: { added: [expect.stringContaining('stores')] } } });
    const { runs } = (await call('run_get')) as { runs: { runId: string }[] };
    expect(runs.map(({ runId }) => runId)).toEqual([second.runId, first.runId]);
    expect(strayOutput).toEqual([]);
    expect(log()).toContain('scan_run for ada\n');
  });

  it('scans PostgreSQL without leaking the password', async () => {
    const cwd = await temporaryDir();
    const database = await createDatabase();
    await database.execute('CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL)');
    await writeProject(cwd, '  warehouse: { driver: postgres, url: env:WAREHOUSE_URL, readonly: true }\n');
    const { call, log } = await startMcpSession({ cwd, env: { WAREHOUSE_URL: database.url } });
    const scan = await call('scan_run', { connectionId: 'warehouse' });
    expect(JSON.stringify(scan)).toContain('customers');
    const output = JSON.stringify([scan, await call('connection_list'), await call('run_get')]) + log();
    expect(output).not.toContain(database.password);
  });

  it.each([[['--no-input']], [[]]])('serves tools that need no runtime without one: %j', async (flags) => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const root = join(cwd, 'no runtime');
    const { call, failing, client } = await startMcpSession({ cwd, env: { KTX_RUNTIME_ROOT: root } }, flags);
    expect(await client.listTools()).toHaveProperty('tools');
    expect(await call('connection_list')).toHaveProperty('connections');
    for (const name of ['connection_test', 'scan_run']) {
      const error = await failing(name, { connectionId: 'local' });
      expect(error).toMatchObject({ code: 'KTX_RUNTIME_REQUIRED', hint: expect.stringContaining('--yes') });
    }
    expect(await call('run_get')).toHaveProperty('runs');
    expect(existsSync(root)).toBe(false);
  });

  it('uses the daemon of --database-introspection-url, and reports if it cannot connect', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const host = `127.0.0.1:${await allocateDaemonPort()}`;
    const { failing, call } = await startMcpSession({ cwd }, ['--database-introspection-url', `http://${host}`]);
    const error = await failing('scan_run', { connectionId: 'local' });
    expect(error).toMatchObject({ code: 'KTX_HTTP_CONNECT', message: expect.stringContaining(host) });
    expect(await call('connection_list')).toHaveProperty('connections');
  });

  it.each([
    ['scan_run', { connectionId: 'nowhere' }, 'KTX_CONNECTION_UNKNOWN'],
    ['connection_test', { connectionId: 'nowhere' }, 'KTX_CONNECTION_UNKNOWN'],
    ['run_get', { runId: 'nowhere' }, 'KTX_RUN_UNKNOWN'],
  ])('returns the error code of an invalid call of %s', async (name, args, code) => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const { failing } = await startMcpSession({ cwd });
    expect(await failing(name, args)).toMatchObject({ code });
  });

  it('cancels a scan that its client cancels, and continues', async () => {
    const cwd = await temporaryDir();
    const { port, connected } = await startSilentServer();
    await writeProject(cwd, `  mute: { driver: postgres, url: "postgres://u@127.0.0.1:${port}/db", readonly: true }\n`);
    const { client, call } = await startMcpSession({ cwd });
    const cancellation = new AbortController();
    const request = { name: 'scan_run', arguments: { connectionId: 'mute' } };
    const scan = client.callTool(request, { signal: cancellation.signal });
    scan.catch(() => {});
    await connected;
    cancellation.abort();
    await expect(scan).rejects.toThrow();
    const status = () => call('run_get') as Promise<{ runs: { status: string; error: string }[] }>;
    const failed = async () => {
      const { runs } = await status();
      return runs[0]?.status === 'failed' && runs;
    };
    const [run] = await vi.waitUntil(failed, { timeout: 60_000 });
    expect(run?.error).toMatch(/interrupted/i);
    expect(existsSync(join(cwd, 'raw-sources'))).toBe(false);
  });

  it('ends when its client disconnects during a scan, which is recorded as failed', async () => {
    const cwd = await temporaryDir();
    const { port, connected } = await startSilentServer();
    await writeProject(cwd, `  mute: { driver: postgres, url: "postgres://u@127.0.0.1:${port}/db", readonly: true }\n`);
    const server = startRawServer(cwd);
    server.sendMessage(INITIALIZE);
    const scan = { name: 'scan_run', arguments: { connectionId: 'mute' } };
    server.sendMessage({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: scan });
    await connected;
    server.child.stdin?.destroy();
    server.child.stdout?.destroy();
    expect((await server.finished).code).toBe(0);
    const { runs } = JSON.parse((await ktx(['ingest', 'status', '--json'], { cwd })).stdout);
    expect(runs).toMatchObject([{ connectionId: 'mute', status: 'failed' }]);
  });

  it('answers each invalid line with an error of JSON-RPC, and valid requests between them', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const server = startRawServer(cwd);
    for (const line of ['not json {', '{"jsonrpc":"2.0"}', '[]', '', ' ', '\u0000\uffff']) server.send(line);
    server.sendMessage(INITIALIZE);
    await server.waitForResponse('hello');
    server.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":');
    server.sendMessage({ jsonrpc: '2.0', id: 2, method: 'no/such/method' });
    const unknown = { name: 'no_such_tool', arguments: {} };
    server.sendMessage({ jsonrpc: '2.0', id: 3, method: 'tools/call', params: unknown });
    server.sendMessage({ jsonrpc: '2.0', id: 4, method: 'tools/call', params: 'no object' });
    server.sendMessage({ jsonrpc: '2.0', id: 5, method: 'tools/list', params: [] });
    server.send(JSON.stringify({ ...listRequest(6), padding: 'x'.repeat(11 * 1024 * 1024) }));
    server.sendMessage(listRequest('last'));
    expect(await server.waitForResponse('last')).toMatchObject({
      result: { content: [{ text: expect.stringContaining('local') }] },
    });
    const codes = (id: unknown) =>
      server.responses().flatMap((response) => (response.id === id ? (response.error as { code: number }).code : []));
    expect([2, 3, 4, 5].map(codes)).toEqual([[-32601], [-32602], [-32602], [-32602]]);
    expect(codes(null)).toEqual([-32700, -32600, -32600, -32700, -32700, -32600]);
    server.child.stdin?.end();
    expect((await server.finished).code).toBe(0);
  });

  it('answers 1000 concurrent calls', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const server = startRawServer(cwd);
    server.sendMessage(INITIALIZE);
    await server.waitForResponse('hello');
    const ids = Array.from({ length: 1000 }, (_, index) => index);
    for (const id of ids) server.sendMessage(listRequest(id));
    await vi.waitUntil(() => server.responses().length === ids.length + 1, { timeout: 60_000 });
    expect(new Set(server.responses().map(({ id }) => id))).toEqual(new Set(['hello', ...ids]));
  });

  it('exits with 130 when interrupted', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const server = startRawServer(cwd);
    server.sendMessage(INITIALIZE);
    await server.waitForResponse('hello');
    server.child.kill('SIGINT');
    expect(await server.finished).toMatchObject({ code: 130, stderr: 'Error: Interrupted\n' });
  });

  it('reports a failed start on stderr only', async () => {
    const cwd = await temporaryDir();
    const { code, stdout, stderr } = await ktx(['serve', '--mcp', 'stdio', '--project-dir', cwd], { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Error: .*ktx\.yaml/);
  });
});
