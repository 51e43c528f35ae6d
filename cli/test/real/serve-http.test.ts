/** The MCP server over HTTP, with the official client in both revisions and with raw requests. */

import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, it, vi } from 'vitest';
import { connectClient, send, startHttpServer } from '../support/http.js';
import { ktx, temporaryDir } from '../support/ktx.js';
import { textOf } from '../support/mcp.js';
import { writeProject, writeShop } from '../support/shop.js';
import { startSilentServer } from '../support/silent-server.js';

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
});
const ACCEPT = { accept: 'application/json, text/event-stream' };

/** Options of the client for each revision; the default is the one with sessions. */
const REVISIONS = [
  ['2025-11-25', {}],
  ['2026-07-28', { versionNegotiation: { mode: { pin: '2026-07-28' } } }],
] as const;

async function startShop(flags: string[] = []) {
  const cwd = await temporaryDir();
  await writeShop(cwd);
  return { cwd, ...(await startHttpServer({ cwd }, flags)) };
}

/** A server whose only database never responds. */
async function startMute() {
  const cwd = await temporaryDir();
  const { port, connected } = await startSilentServer();
  await writeProject(cwd, `  mute: { driver: postgres, url: "postgres://u@127.0.0.1:${port}/db", readonly: true }\n`);
  return { cwd, connected, ...(await startHttpServer({ cwd })) };
}

const scanMute = { name: 'scan_run', arguments: { connectionId: 'mute' } };

async function waitForFailedRun(cwd: string) {
  const failed = async () => {
    const { runs } = JSON.parse((await ktx(['ingest', 'status', '--json'], { cwd })).stdout);
    return runs[0]?.status === 'failed' && runs;
  };
  return await vi.waitUntil(failed, { timeout: 60_000, interval: 500 });
}

describe('ktx serve --mcp http', () => {
  it.each(REVISIONS)('serves clients of revision %s', async (revision, options) => {
    const client = await connectClient(await startShop(), options);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('connection_list');
    const progress: unknown[] = [];
    const scan = { name: 'scan_run', arguments: { connectionId: 'local' } };
    const result = await client.callTool(scan, { onprogress: (message) => progress.push(message) });
    expect(JSON.stringify(result)).toContain('customers');
    expect(progress).not.toEqual([]);
    const asText = { name: 'table_list', arguments: '{"connectionId": "local"}' as never };
    expect(textOf(await client.callTool(asText))).toMatch(/^connectionId: local\n/);
  });

  it('serves clients of both revisions at once', async () => {
    const server = await startShop();
    const clients = await Promise.all(
      REVISIONS.flatMap(([, options]) => [1, 2].map(() => connectClient(server, options))),
    );
    const calls = clients.flatMap((client) =>
      Array.from({ length: 20 }, () => client.callTool({ name: 'connection_list', arguments: {} })),
    );
    for (const result of await Promise.all(calls)) expect(textOf(result)).toContain('local');
  });

  it('answers 401 without the token, with a wrong one, and for its prefix', async () => {
    const { url, token, process } = await startShop();
    for (const authorization of [undefined, 'Bearer wrong', `Bearer ${token.slice(0, -1)}`, `Basic ${token}`, token]) {
      const headers = authorization === undefined ? ACCEPT : { ...ACCEPT, authorization };
      const { status, headers: answered, body } = await send(url, { headers, body: INITIALIZE });
      expect({ status, challenge: answered['www-authenticate'] }).toEqual({
        status: 401,
        challenge: 'Bearer realm="ktx"',
      });
      expect(body).not.toContain(token);
    }
    expect(process.stdout() + process.stderr()).not.toContain(token);
  });

  it.each([
    ['host', 'evil.example'],
    ['host', '127.0.0.1.evil.example:80'],
    ['host', 'user:password@localhost'],
    ['host', 'localhost/path'],
    ['origin', 'https://evil.example'],
    ['origin', 'null'],
  ])('answers 403 to the %s %s, even with the token', async (name, value) => {
    const { url, token } = await startShop();
    const headers = { ...ACCEPT, authorization: `Bearer ${token}`, [name]: value };
    expect(await send(url, { headers, body: INITIALIZE })).toMatchObject({ status: 403 });
  });

  it.each(['TRACE', 'OPTIONS', 'HEAD', 'PUT'])('answers 405 to the method %s', async (method) => {
    const { url, token } = await startShop();
    const headers = { ...ACCEPT, authorization: `Bearer ${token}` };
    const { status, headers: answered } = await send(url, { method, headers });
    expect({ status, allow: answered.allow }).toEqual({ status: 405, allow: 'GET, POST, DELETE' });
  });

  it('accepts the origin of this machine and of the public URL, and describes itself there', async () => {
    const { url, token } = await startShop(['--public-url', 'https://ktx.example/mcp']);
    for (const origin of ['http://localhost:6274', 'https://ktx.example']) {
      const headers = { ...ACCEPT, authorization: `Bearer ${token}`, origin };
      expect(await send(url, { headers, body: INITIALIZE })).toMatchObject({ status: 200 });
    }
    const refused = await send(url, { headers: { ...ACCEPT, host: 'ktx.example' }, body: INITIALIZE });
    const location = 'https://ktx.example/.well-known/oauth-protected-resource/mcp';
    expect(refused.headers['www-authenticate']).toBe(`Bearer realm="ktx", resource_metadata="${location}"`);
    const metadata = await send(new URL(new URL(location).pathname, url).href, { method: 'GET' });
    expect(JSON.parse(metadata.body)).toMatchObject({
      resource: 'https://ktx.example/mcp',
      bearer_methods_supported: ['header'],
    });
  });

  it('shows its health and nothing else without the token', async () => {
    const { url } = await startShop();
    const get = (path: string) => send(new URL(path, url).href, { method: 'GET' });
    const health = await get('/health');
    expect(Object.keys(JSON.parse(health.body))).toEqual(['status', 'version']);
    expect(await get('/')).toMatchObject({ status: 302, headers: { location: '/ui/' } });
    expect(await get('/ui/')).toMatchObject({ status: 401 });
    for (const path of ['/x', '/.well-known/oauth-protected-resource', '/health/x']) {
      expect(await get(path)).toMatchObject({ status: 404 });
    }
    expect(await send(new URL('/shutdown', url).href, {})).toMatchObject({ status: 401 });
  });

  it('answers 413 to a body above 1 MiB, and 4xx to one that is no request', async () => {
    const server = await startShop();
    const headers = { ...ACCEPT, authorization: `Bearer ${server.token}` };
    const statusOf = async (body: string, more = {}) =>
      (await send(server.url, { headers: { ...headers, ...more }, body })).status;
    expect(await statusOf('x'.repeat(1024 * 1024 + 1))).toBe(413);
    expect(await statusOf('x'.repeat(1024 * 1024 + 1), { 'transfer-encoding': 'chunked' })).toBe(413);
    expect(await statusOf('{')).toBe(400);
    expect(await statusOf('[]')).toBe(400);
    expect(await statusOf('null')).toBe(400);
    expect(await statusOf(INITIALIZE, { 'content-type': 'text/plain' })).toBe(415);
    const ended = await send(server.url, { headers: { ...headers, 'mcp-session-id': 'none' }, body: INITIALIZE });
    // Clients that do not initialize a new session show it.
    expect(ended).toMatchObject({ status: 404, body: expect.stringContaining('or connect the client again') });
    expect(await (await connectClient(server)).listTools()).toHaveProperty('tools');
  });

  it.each(REVISIONS)('cancels a call of revision %s that its client cancels', async (_, options) => {
    const { cwd, connected, ...server } = await startMute();
    const client = await connectClient(server, options);
    const cancellation = new AbortController();
    const scan = client.callTool(scanMute, { signal: cancellation.signal });
    scan.catch(() => {});
    await connected;
    cancellation.abort();
    await expect(scan).rejects.toThrow();
    expect(await waitForFailedRun(cwd)).toMatchObject([{ error: expect.stringMatching(/interrupted/i) }]);
    expect(existsSync(join(cwd, 'raw-sources'))).toBe(false);
    expect(await client.listTools()).toHaveProperty('tools');
  });

  it.each(REVISIONS)('cancels the calls of a client of revision %s that disconnects', async (_, options) => {
    const { cwd, connected, ...server } = await startMute();
    const client = await connectClient(server, options);
    client.callTool(scanMute).catch(() => {});
    await connected;
    await client.close();
    expect(await waitForFailedRun(cwd)).toMatchObject([{ error: expect.stringMatching(/interrupted/i) }]);
  });

  it('cancels the calls of a session that its client ends', async () => {
    const { cwd, connected, ...server } = await startMute();
    const client = await connectClient(server);
    client.callTool(scanMute).catch(() => {});
    await connected;
    await (client.transport as StreamableHTTPClientTransport).terminateSession();
    expect(await waitForFailedRun(cwd)).toMatchObject([{ error: expect.stringMatching(/interrupted/i) }]);
    await expect(client.listTools()).rejects.toThrow();
  });

  it('ends when it is interrupted during a call, which is recorded as failed', async () => {
    const { cwd, connected, process, ...server } = await startMute();
    const client = await connectClient(server);
    client.callTool(scanMute).catch(() => {});
    await connected;
    process.child.kill('SIGTERM');
    expect((await process.finished).code).toBe(130);
    expect(await waitForFailedRun(cwd)).toHaveLength(1);
  });

  it('reads the token of a private file only', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const file = join(cwd, 'token');
    const failing = async () => (await ktx(['serve', '--mcp', 'http', '--token-file', 'token'], { cwd })).stderr;
    expect(await failing()).toContain('no such file');
    await writeFile(file, 'short', { mode: 0o600 });
    expect(await failing()).toContain('has no token');
    await writeFile(file, `${'x1'.repeat(20)}\n`);
    await chmod(file, 0o644);
    expect(await failing()).toContain('Other users can read or write');
    await chmod(file, 0o600);
    const server = await startHttpServer({ cwd }, ['--token-file', 'token']);
    expect(server.token).toBe('x1'.repeat(20));
    expect(await (await connectClient(server)).listTools()).toHaveProperty('tools');
  });

  it('reports a port that is in use', async () => {
    const { cwd, url } = await startShop();
    const { code, stdout, stderr } = await ktx(['serve', '--mcp', 'http', '--port', new URL(url).port], { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/Error: Cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
  });
});
