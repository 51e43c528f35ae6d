import { type KtxError, postManagedDaemonJson } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchError } from './support/failure.js';
import { httpServer, jsonServer, rawTcpServer } from './support/servers.js';

const header = (length: number | string, status = '200 OK') =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

/** Posts to a server that responds with these bytes, and returns the error. */
async function catchResponseError(bytes: string | Buffer, { end = true, ...limits }: Limits = {}) {
  const server = await rawTcpServer((socket) => {
    socket.write(bytes);
    if (end) socket.end();
  });
  return await catchError(() => postManagedDaemonJson(server.baseUrl, '/sql/x', {}, limits));
}

type Limits = { end?: boolean; timeoutMs?: number; maxResponseBytes?: number };

describe('a request', () => {
  it('is a POST with JSON and its length', async () => {
    const server = await jsonServer({});
    await postManagedDaemonJson(server.baseUrl, '/sql/x', { a: 'ä数' });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', url: '/sql/x', body: '{"a":"ä数"}' });
    expect(request?.headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength('{"a":"ä数"}')),
      host: `127.0.0.1:${server.port}`,
    });
  });

  it('has the payload as JSON.stringify serialises it', async () => {
    const server = await jsonServer({});
    const payload = {
      date: new Date(0),
      absent: undefined,
      list: [undefined],
      text: '\ud800 "\\\u2028',
      n: 1e21,
      zero: -0,
    };
    await postManagedDaemonJson(server.baseUrl, '/x', payload);
    expect(server.requests[0]?.body).toBe(JSON.stringify(payload));
  });

  it('is not sent if JSON.stringify throws', async () => {
    const server = await jsonServer({});
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    for (const payload of [circular, { big: 1n }]) {
      await expect(async () => postManagedDaemonJson(server.baseUrl, '/x', payload)).rejects.toThrow(TypeError);
    }
    expect(server.sockets).toHaveLength(0);
  });

  it.each([
    ['', '/x', '/x'],
    ['/', '/x', '/x'],
    ['/prefix', '/x/y', '/prefix/x/y'],
    ['/prefix/', '/x/y', '/prefix/x/y'],
    ['/a/b/', 'x', '/a/b/x'],
  ])('with the base URL …%s and the path %s goes to %s', async (suffix, path, target) => {
    const server = await jsonServer({});
    await postManagedDaemonJson(`${server.baseUrl}${suffix}`, path, {});
    expect(server.requests[0]?.url).toBe(target);
  });

  it.each(['not a url', '', 'ftp://127.0.0.1/', '127.0.0.1:8765', 'http://', 'file:///etc/passwd'])(
    'is not sent to the base URL "%s"',
    async (baseUrl) => {
      const error = await catchError(() => postManagedDaemonJson(baseUrl, '/x', {}));
      expect(error.code).toBe('KTX_HTTP_URL_INVALID');
      expect(error.message).toContain(baseUrl);
    },
  );

  it.each([
    ['baseUrl', [5, '/x', {}]],
    ['path', ['http://127.0.0.1:1', undefined, {}]],
    ['payload', ['http://127.0.0.1:1', '/x', 'text']],
    ['timeoutMs', ['http://127.0.0.1:1', '/x', {}, { timeoutMs: 'soon' }]],
    ['signal', ['http://127.0.0.1:1', '/x', {}, { signal: {} }]],
    ['signal', ['http://127.0.0.1:1', '/x', {}, { signal: 'abort' }]],
  ])('with invalid arguments is a TypeError that names %s', async (name, args) => {
    const post = postManagedDaemonJson as (...args: unknown[]) => Promise<unknown>;
    const call = async () => await post(...args);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow(name);
  });
});

describe('a valid response', () => {
  it.each([
    '{"a":1}',
    ' \n{"nested":{"ä":["数", null, true]}}\r\n',
    '{"__proto__":{"x":1},"constructor":2}',
    '{"lone":"\\ud800","big":9007199254740993,"huge":1e400,"tiny":5e-324,"zero":-0}',
    '{"twice":1,"twice":2}',
  ])('is parsed like JSON.parse: %s', async (text) => {
    const server = await httpServer((_request, response) => response.end(text));
    const answer = await postManagedDaemonJson(server.baseUrl, '/x', {});
    expect(answer).toStrictEqual(JSON.parse(text));
    expect(Object.keys(answer)).toEqual(Object.keys(JSON.parse(text)));
  });

  it.each([200, 201, 202, 299])('may have the status %i', async (status) => {
    const server = await jsonServer({ ok: true }, status);
    await expect(postManagedDaemonJson(server.baseUrl, '/x', {})).resolves.toEqual({ ok: true });
  });

  it('may have chunks that split a character', async () => {
    const server = await httpServer((_request, response) => {
      const bytes = Buffer.from('{"a":"ä数😀"}');
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    });
    await expect(postManagedDaemonJson(server.baseUrl, '/x', {})).resolves.toEqual({ a: 'ä数😀' });
  });

  it('may be 1 MB, for a request of 1 MB', async () => {
    const server = await httpServer((request, response) => response.end(request.body));
    const payload = { rows: Array.from({ length: 20_000 }, (_, n) => ({ n, text: `Zeile ${n} – größer, 数据` })) };
    expect(JSON.stringify(payload).length).toBeGreaterThan(800_000);
    await expect(postManagedDaemonJson(server.baseUrl, '/x', payload)).resolves.toEqual(payload);
  });
});

describe('a response that is not a JSON object', () => {
  it.each([
    ['empty', ''],
    ['white space', '  \n'],
    ['text', '<html>no</html>'],
    ['truncated', '{"a":'],
    ['an array', '[1]'],
    ['null', 'null'],
    ['a number', '7'],
    ['followed by another value', '{} {}'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ])('is %s', async (_why, body) => {
    const bytes = Buffer.from(body as string);
    const error = await catchResponseError(Buffer.concat([Buffer.from(header(bytes.length)), bytes]));
    expect(error.code).toBe('KTX_HTTP_NOT_OBJECT');
    expect(error.message).toMatch(/^KTX managed daemon HTTP \/sql\/x returned non-object JSON/);
  });
});

describe('a status outside 2xx', () => {
  it.each([400, 404, 422, 500, 503])('%i is an error with the body in its message', async (status) => {
    const body = { detail: 'Tabelle „x“ fehlt', code: 'not_found' };
    const server = await jsonServer(body, status);
    const error = await catchError(() => postManagedDaemonJson(server.baseUrl, '/sql/x', {}));
    expect(error.code).toBe('KTX_HTTP_STATUS');
    expect(error.message).toBe(`KTX managed daemon HTTP /sql/x failed with ${status}: ${JSON.stringify(body)}`);
  });

  it('is an error with a body that is not JSON as well', async () => {
    const error = await catchResponseError(`${header(4, '502 Bad Gateway')}oops`);
    expect(error.message).toBe('KTX managed daemon HTTP /sql/x failed with 502: oops');
  });

  it('has the status and the response of the daemon as properties', async () => {
    const body = {
      detail: 'No such key.',
      code: 'invalid_request',
      hint: 'Name another',
      errors: [{ path: 'a', message: 'b' }],
    };
    const server = await jsonServer(body, 422);
    const error = await catchError(() => postManagedDaemonJson(server.baseUrl, '/x', {}));
    const { status, response, hint } = error as KtxError;
    expect({ status, response, hint }).toEqual({
      status: 422,
      response: { ...body, detail: 'No such key' },
      hint: 'Name another',
    });
  });

  it('has a hint if the token is missing', async () => {
    const server = await jsonServer({ detail: 'Missing token', code: 'unauthorized' }, 401);
    const error = await catchError(() => postManagedDaemonJson(server.baseUrl, '/x', {}));
    expect(error).toMatchObject({ status: 401, hint: expect.stringContaining('KTX_DAEMON_TOKEN') });
  });

  it.each([301, 302, 307, 308])('%i is not followed', async (status) => {
    const target = await jsonServer({ followed: true });
    const server = await httpServer((_request, response) =>
      response.writeHead(status, { location: `${target.baseUrl}/elsewhere` }).end('moved'),
    );
    const error = await catchError(() => postManagedDaemonJson(server.baseUrl, '/x', {}));
    expect(error.code).toBe('KTX_HTTP_STATUS');
    expect(error.message).toBe(`KTX managed daemon HTTP /x failed with ${status}: moved`);
    expect(target.sockets).toHaveLength(0);
  });
});

describe('an incomplete response', () => {
  it('closes during a body with content-length', async () => {
    expect((await catchResponseError(`${header(100)}{"a":1`)).code).toBe('KTX_HTTP_TRUNCATED');
  });

  it('closes during a chunked body', async () => {
    const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n';
    expect((await catchResponseError(chunked)).code).toBe('KTX_HTTP_TRUNCATED');
  });

  it.each([
    ['nothing', ''],
    ['a partial header', 'HTTP/1.1 200 OK\r\ncontent-'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ])('is %s before the server closes', async (_what, answer) => {
    expect((await catchResponseError(answer)).code).toMatch(/^KTX_HTTP_(LOST|TRUNCATED)$/);
  });

  it('ends with a connection reset', async () => {
    const server = await rawTcpServer((socket) => socket.resetAndDestroy());
    const error = await catchError(() => postManagedDaemonJson(server.baseUrl, '/x', {}));
    expect(error.code).toBe('KTX_HTTP_LOST');
  });

  it.each([
    ['never starts', ''],
    ['stops in its header', 'HTTP/1.1 200 OK\r\n'],
    ['stops in its body', `${header(100)}{"a":1`],
  ])('times out if it %s', async (_what, answer) => {
    expect((await catchResponseError(answer, { end: false, timeoutMs: 200 })).code).toBe('KTX_HTTP_TIMEOUT');
  });

  it('times out if it is slow: the timeout applies to the complete response', async () => {
    let trickle: NodeJS.Timeout | undefined;
    const server = await rawTcpServer((socket) => {
      socket.write(header(1_000_000));
      trickle = setInterval(() => socket.write(' '), 20);
      socket.on('close', () => clearInterval(trickle));
    });
    const error = await catchError(() => postManagedDaemonJson(server.baseUrl, '/x', {}, { timeoutMs: 300 }));
    expect(error.code).toBe('KTX_HTTP_TIMEOUT');
    await vi.waitFor(() => expect(server.sockets[0]?.destroyed).toBe(true), { timeout: 20_000 });
  });
});

describe('a response above the size limit', () => {
  const limit = 64 * 1024;

  it('is rejected by its content-length, before it is read', async () => {
    const error = await catchResponseError(header(limit + 1), { end: false, maxResponseBytes: limit });
    expect(error.code).toBe('KTX_HTTP_TOO_LARGE');
  });

  it('is rejected above 64 MiB by default', async () => {
    const error = await catchResponseError(header(64 * 1024 * 1024 + 1), { end: false });
    expect(error.code).toBe('KTX_HTTP_TOO_LARGE');
  });

  it('is accepted at exactly the limit', async () => {
    const body = JSON.stringify({ a: 'x'.repeat(limit - 8) });
    expect(body).toHaveLength(limit);
    const server = await httpServer((_request, response) => response.end(body));
    await expect(postManagedDaemonJson(server.baseUrl, '/x', {}, { maxResponseBytes: limit })).resolves.toEqual(
      JSON.parse(body),
    );
  });

  it.each([200, 500])('with status %i is aborted while it is received, with bounded memory', async (status) => {
    const server = await rawTcpServer((socket) => {
      socket.write(`HTTP/1.1 ${status} X\r\ntransfer-encoding: chunked\r\n\r\n`);
      const chunk = `${(16 * 1024).toString(16)}\r\n${' '.repeat(16 * 1024)}\r\n`;
      const fill = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', fill);
      fill();
    });
    const error = await catchError(() =>
      postManagedDaemonJson(server.baseUrl, '/x', {}, { maxResponseBytes: limit, timeoutMs: 30_000 }),
    );
    expect(error.code).toMatch(status === 200 ? /TOO_LARGE$/ : /(TOO_LARGE|STATUS)$/);
    expect(error.message.length).toBeLessThan(2 * limit);
    await vi.waitFor(() => expect(server.sockets[0]?.destroyed).toBe(true), { timeout: 20_000 });
    // Includes buffers of the kernel; a client without a limit would read much more.
    expect(server.sockets[0]?.bytesWritten).toBeLessThan(32 * 1024 * 1024);
  });
});
