import { getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { postManagedDaemonJson } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { runNode } from './support/child.js';
import { catchError, catchFailure } from './support/failure.js';
import { createRefusingUrl, httpServer, jsonServer, rawTcpServer, sendJson, socksServer } from './support/servers.js';

describe('connections', () => {
  it('are reused by 50 sequential calls', async () => {
    const server = await jsonServer({ ok: true });
    for (let n = 0; n < 50; n += 1) await postManagedDaemonJson(server.baseUrl, '/x', { n });
    expect(server.requests).toHaveLength(50);
    // A connection returns to the pool concurrently with the result, so the next call may miss it.
    expect(server.sockets.length).toBeLessThan(5);
  });

  it('are reused after an error response', async () => {
    const server = await jsonServer({ detail: 'no' }, 422);
    for (let n = 0; n < 10; n += 1) await catchError(() => postManagedDaemonJson(server.baseUrl, '/x', { n }));
    expect(server.sockets.length).toBeLessThan(5);
  });

  it('closed by the server while idle are replaced without an error', async () => {
    const server = await jsonServer({ ok: true });
    for (let n = 0; n < 20; n += 1) {
      await expect(postManagedDaemonJson(server.baseUrl, '/x', { n })).resolves.toEqual({ ok: true });
      const socket = server.sockets.at(-1);
      if (socket === undefined) throw new Error('no connection');
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    }
    expect(server.requests.map((request) => JSON.parse(request.body).n)).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
  });

  it('are opened for each request in flight', async () => {
    const waiting: ServerResponse[] = [];
    const server = await httpServer((_request, response) => {
      waiting.push(response);
      if (waiting.length === 64) for (const each of waiting) sendJson(each, { ok: true });
    });
    const calls = Array.from({ length: 64 }, (_, n) => postManagedDaemonJson(server.baseUrl, '/x', { n }));
    await expect(Promise.all(calls)).resolves.toHaveLength(64);
  });

  it('to a closed port fail with the address and a cause', async () => {
    const baseUrl = await createRefusingUrl();
    const error = await catchError(() => postManagedDaemonJson(baseUrl, '/x', {}));
    expect(error.code).toBe('KTX_HTTP_CONNECT');
    expect(error.message).toContain(new URL(baseUrl).host);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('to loopback bypass proxies', async () => {
    const server = await jsonServer({ ok: true });
    const proxy = await createRefusingUrl();
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
    const env = {
      ...process.env,
      ...Object.fromEntries(names.map((name) => [name, proxy])),
      NO_PROXY: '',
      no_proxy: '',
    };
    const urls = [server.baseUrl, server.baseUrl.replace('127.0.0.1', 'localhost')];
    const { stdout, stderr, code } = await runNode(
      `import { postManagedDaemonJson } from '@kaelio/ktx';
       for (const url of ${JSON.stringify(urls)}) console.log(JSON.stringify(await postManagedDaemonJson(url, '/x', {})));`,
      env,
    );
    expect({ stdout, stderr, code }).toEqual({ stdout: '{"ok":true}\n{"ok":true}\n', stderr: '', code: 0 });
  });
});

describe('proxies', () => {
  it('are used for other hosts, with their credentials, except for NO_PROXY', async () => {
    const proxy = await httpServer(({ url, headers }, response) =>
      sendJson(response, { url, host: headers.host, authorization: headers['proxy-authorization'] }),
    );
    const env = {
      ...process.env,
      HTTP_PROXY: proxy.baseUrl.replace('//', '//user:p%40ss@'),
      HTTPS_PROXY: proxy.baseUrl.replace('//', '//user:p%40ss@'),
      NO_PROXY: 'direct.invalid',
    };
    const { stdout, code } = await runNode(
      `import { postManagedDaemonJson } from '@kaelio/ktx';
       const ask = (url) => postManagedDaemonJson(url, '/x', {}).catch(({ code, message }) => ({ code, message }));
       for (const url of ['http://ktx.invalid:81/b', 'http://direct.invalid', 'https://ktx.invalid'])
         console.log(JSON.stringify(await ask(url)));`,
      env,
    );
    const [proxied, direct, tunnelled] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(proxied).toEqual({
      url: 'http://ktx.invalid:81/b/x',
      host: 'ktx.invalid:81',
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    });
    // The time to resolve an unknown name depends on the machine.
    expect(direct.code).toMatch(/^KTX_HTTP_(CONNECT|TIMEOUT)$/);
    expect(tunnelled.code).toBe('KTX_HTTP_CONNECT');
    expect({ code, leaked: stdout.includes('p%40ss') }).toEqual({ code: 0, leaked: false });
    expect(proxy.requests).toHaveLength(1);
  });
});

describe('responses of other hosts', () => {
  const postThroughProxy = (proxy: string, limits: object) =>
    runNode(
      `import { postManagedDaemonJson } from '@kaelio/ktx';
       const answer = await postManagedDaemonJson('http://ktx.invalid', '/x', {}, ${JSON.stringify(limits)})
         .catch(({ code }) => ({ code }));
       console.log(JSON.stringify(answer));`,
      { ...process.env, ALL_PROXY: proxy, HTTP_PROXY: '', http_proxy: '', NO_PROXY: '', no_proxy: '' },
    );

  it('are decompressed', async () => {
    const proxy = await httpServer((request, response) => {
      const body = gzipSync(JSON.stringify({ accepted: request.headers['accept-encoding'] }));
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
    });
    const { stdout } = await postThroughProxy(proxy.baseUrl, {});
    expect(JSON.parse(stdout).accepted).toContain('gzip');
  });

  it('are limited by their decompressed size', async () => {
    const bomb = gzipSync(Buffer.alloc(8 << 20));
    const proxy = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': bomb.length }).end(bomb);
    });
    const { stdout } = await postThroughProxy(proxy.baseUrl, { maxResponseBytes: 1 << 20 });
    expect(JSON.parse(stdout)).toEqual({ code: 'KTX_HTTP_TOO_LARGE' });
  });

  it('are received through a SOCKS proxy, which resolves the name', async () => {
    const server = await jsonServer({ ok: true });
    const proxy = await socksServer(server.port);
    const { stdout } = await postThroughProxy(`socks5h://127.0.0.1:${proxy.port}`, {});
    expect(JSON.parse(stdout)).toEqual({ ok: true });
    expect(proxy.hosts).toEqual(['ktx.invalid:80']);
  });
});

describe('the event loop of the host', () => {
  it('runs between sequential calls without a pause', async () => {
    const server = await jsonServer({ ok: true });
    let [remaining, turns] = [2000, 0];
    const turn = () => {
      turns += 1;
      if (remaining > 0) setImmediate(turn);
    };
    setImmediate(turn);
    const callInSequence = async () => {
      while (remaining-- > 0) await postManagedDaemonJson(server.baseUrl, '/x', {});
    };
    await Promise.all(Array.from({ length: 4 }, callInSequence));
    expect(turns).toBeGreaterThan(100);
  });

  it('is not kept alive by idle connections', async () => {
    const server = await jsonServer({ ok: true });
    const { stdout, stderr, code } = await runNode(
      `import { postManagedDaemonJson } from '@kaelio/ktx';
       const calls = Array.from({ length: 20 }, () => postManagedDaemonJson('${server.baseUrl}', '/x', {}));
       console.log((await Promise.all(calls)).length);`,
    );
    expect({ stdout, stderr, code }).toEqual({ stdout: '20\n', stderr: '', code: 0 });
  });

  it('runs while large bodies are transferred', async () => {
    const server = await httpServer((request, response) => response.end(request.body));
    const payload = { text: 'ü'.repeat(6 << 20) };
    const answers = await Promise.all(
      [1, 2, 3].map((n) => postManagedDaemonJson(server.baseUrl, '/x', { n, ...payload })),
    );
    expect(answers).toEqual([1, 2, 3].map((n) => ({ n, ...payload })));
  });
});

describe('cancelling', () => {
  it('before the call opens no connection and rejects with the reason', async () => {
    const server = await jsonServer({});
    const reason = { any: 'value' };
    const signal = AbortSignal.abort(reason);
    expect(await catchFailure(() => postManagedDaemonJson(server.baseUrl, '/x', {}, { signal }))).toBe(reason);
    expect(server.sockets).toHaveLength(0);
  });

  it('during the request closes the connection and rejects with the reason', async () => {
    const controller = new AbortController();
    const server = await httpServer(() => controller.abort());
    const failure = await catchFailure(() =>
      postManagedDaemonJson(server.baseUrl, '/x', {}, { signal: controller.signal }),
    );
    expect(failure).toBe(controller.signal.reason);
    await vi.waitFor(() => expect(server.sockets[0]?.destroyed).toBe(true), { timeout: 20_000 });
  });

  it('during the body rejects with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"a":', () => controller.abort(reason));
    });
    const failure = await catchFailure(() =>
      postManagedDaemonJson(server.baseUrl, '/x', {}, { signal: controller.signal }),
    );
    expect(failure).toBe(reason);
  });

  it('with a timeout signal rejects with its TimeoutError', async () => {
    const server = await httpServer(() => {});
    const signal = AbortSignal.timeout(50);
    expect(await catchFailure(() => postManagedDaemonJson(server.baseUrl, '/x', {}, { signal }))).toBe(signal.reason);
    expect(signal.reason.name).toBe('TimeoutError');
  });

  it('after the response has no effect', async () => {
    const server = await jsonServer({ ok: true });
    const controller = new AbortController();
    const answer = await postManagedDaemonJson(server.baseUrl, '/x', {}, { signal: controller.signal });
    controller.abort();
    expect(answer).toEqual({ ok: true });
  });

  it('keeps listeners of the caller and removes its own', async () => {
    const server = await jsonServer({ ok: true });
    const controller = new AbortController();
    const { signal } = controller;
    const onabort = vi.fn();
    const listener = vi.fn();
    signal.onabort = onabort;
    signal.addEventListener('abort', listener);
    const before = getEventListeners(signal, 'abort').length;

    for (let n = 0; n < 20; n += 1) await postManagedDaemonJson(server.baseUrl, '/x', {}, { signal });
    await server.close();
    await catchError(() => postManagedDaemonJson(server.baseUrl, '/x', {}, { signal }));

    expect(getEventListeners(signal, 'abort')).toHaveLength(before);
    expect(signal.onabort).toBe(onabort);
    controller.abort();
    expect(onabort).toHaveBeenCalledTimes(1);
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe('interim responses', () => {
  it('without end are aborted by the timeout', async () => {
    const interim = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(4096));
    const server = await rawTcpServer((socket) => {
      const flood = () => {
        while (!socket.destroyed) if (!socket.write(interim)) break;
        if (!socket.destroyed) socket.once('drain', () => setImmediate(flood));
      };
      flood();
    });
    const error = await catchError(() => postManagedDaemonJson(server.baseUrl, '/x', {}, { timeoutMs: 300 }));
    expect(error).toMatchObject({ code: 'KTX_HTTP_TIMEOUT', message: expect.stringContaining('after 300 ms') });
  });
});

describe('the event loop', () => {
  it('runs while a response is awaited', async () => {
    const server = await httpServer((_request, response) => {
      setImmediate(() => setTimeout(() => sendJson(response, { ok: true }), 1));
    });
    // The server runs in this thread: a client that blocks it would never receive a response.
    await expect(postManagedDaemonJson(server.baseUrl, '/x', {})).resolves.toEqual({ ok: true });
  });
});
