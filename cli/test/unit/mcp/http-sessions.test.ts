import { McpServer } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { Sessions } from '../../../src/mcp/http/sessions.js';

const URL = 'http://127.0.0.1/mcp';
const accept = 'application/json, text/event-stream';
const done = Promise.resolve();

function createSessions(max = 2) {
  return new Sessions(() => new McpServer({ name: 'test', version: '1' }), max);
}

/** Opens a session; returns its id. `finished` keeps its response open. */
async function open(sessions: Sessions, finished = done): Promise<string | null> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
  const headers = { accept, 'content-type': 'application/json' };
  const response = await sessions.fetch(new Request(URL, { method: 'POST', headers }), body, finished);
  return response.ok ? response.headers.get('mcp-session-id') : null;
}

/** Status of a ping in a session; 404 if the session is closed. */
async function ping(sessions: Sessions, id: string | null): Promise<number> {
  const headers = { accept, 'content-type': 'application/json', 'mcp-session-id': id ?? '' };
  const body = { jsonrpc: '2.0', id: 2, method: 'ping' };
  return (await sessions.fetch(new Request(URL, { method: 'POST', headers }), body, done)).status;
}

describe('Sessions', () => {
  it('closes the session that has been idle longest for a new one', async () => {
    const sessions = createSessions();
    const [first, second] = [await open(sessions), await open(sessions)];
    const third = await open(sessions);
    expect(await ping(sessions, first)).toBe(404);
    expect(await ping(sessions, second)).toBe(200);
    expect(await ping(sessions, third)).toBe(200);
  });

  it('refuses a new session while all others are in use', async () => {
    const sessions = createSessions(1);
    const first = await open(sessions, new Promise(() => {}));
    expect(await open(sessions)).toBeNull();
    expect(await ping(sessions, first)).toBe(200);
  });

  it('closes idle sessions, and none with an open response', async () => {
    const sessions = createSessions();
    const [idle, busy] = [await open(sessions), await open(sessions, new Promise(() => {}))];
    await sessions.closeIdle(Date.now() + 1000, 2000);
    expect(await ping(sessions, idle)).toBe(200);
    await sessions.closeIdle(Date.now() + 3000, 2000);
    expect(await ping(sessions, idle)).toBe(404);
    expect(await ping(sessions, busy)).toBe(200);
  });

  it('closes a session that its client deletes, and keeps none that was not initialized', async () => {
    const sessions = createSessions();
    const id = await open(sessions);
    const headers = { 'mcp-session-id': id ?? '' };
    await sessions.fetch(new Request(URL, { method: 'DELETE', headers }), undefined, done);
    expect(await ping(sessions, id)).toBe(404);
    const noSession = await sessions.fetch(new Request(URL, { method: 'GET' }), undefined, done);
    expect(noSession.status).toBe(400);
  });
});
