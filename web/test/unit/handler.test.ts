import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPageHandler, type PageHandler } from '../../src/node/handler.js';

const unexpected = async () => {
  throw new Error('not called');
};

let server: Server;
let handler: PageHandler;
let origin: string;
let logged: string[];

beforeEach(async () => {
  logged = [];
  handler = createPageHandler({
    root: '/ui/',
    loadProject: async () => {
      throw new Error('the project is read');
    },
    actions: {
      query: unexpected,
      relationship: unexpected,
      lineage: unexpected,
      validate: unexpected,
      canValidate: unexpected,
    },
    log: (message) => logged.push(message),
  });
  server = createServer((req, res) => handler.handle(req, res, req.url ?? ''));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.close();
});

describe('the handler', () => {
  it.each(['constructor', '__proto__', 'toString'])('has no asset %s', async (name) => {
    const { status } = await fetch(`${origin}/ui/assets/${name}`);
    expect(status).toBe(401);
    expect(logged).toEqual([]);
  });

  it('accepts a session beside a cookie of the same name by another port', async () => {
    const headers = { origin, authorization: `Bearer ${handler.createTicket()}` };
    const signedIn = await fetch(`${origin}/ui/sign-in`, { method: 'POST', headers });
    const [cookie = ''] = signedIn.headers.get('set-cookie')?.split(';') ?? [];
    const [name] = cookie.split('=');
    const shown = (value: string) => fetch(`${origin}/ui/`, { headers: { cookie: value } });
    expect((await shown(`${name}=other; ${name}=another`)).status).toBe(401);
    const { status } = await shown(`${name}=other; ${cookie}`);
    expect([status, logged]).toEqual([500, ['Page /ui/: the project is read']]);
  });
});
