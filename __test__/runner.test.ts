import {
  createManagedDaemonHttpJsonRunner,
  createManagedDaemonLookerTableIdentifierParser,
  createManagedDaemonSqlAnalysisPort,
  type ManagedPythonDaemonHttpOptions,
  managedDaemonDatabaseIntrospectionOptions,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchError, catchFailure } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { createRefusingUrl, httpServer, jsonServer, sendJson } from './support/servers.js';

const mockRequestJson = (answer: unknown) => vi.fn(async () => answer as Record<string, unknown>);

/** Options of a managed daemon whose starts return these URLs in order. */
function managedWith(...urls: string[]) {
  const startDaemon = vi.fn(
    async () => ({ status: 'started', baseUrl: urls.shift() ?? 'http://127.0.0.1:1' }) as never,
  );
  const ensureRuntime = vi.fn(async () => ({}) as never);
  const { io, stderr } = recordingIo();
  return { cliVersion: '0.2.0', installPolicy: 'never' as const, io, ensureRuntime, startDaemon, stderr };
}

describe('runner options', () => {
  it('return an injected requestJson unchanged', () => {
    const requestJson = mockRequestJson({});
    expect(createManagedDaemonHttpJsonRunner({ requestJson })).toBe(requestJson);
    expect(managedDaemonDatabaseIntrospectionOptions({ requestJson })).toStrictEqual({ requestJson });
    expect(managedDaemonDatabaseIntrospectionOptions({ requestJson }).requestJson).toBe(requestJson);
  });

  it('call postJson with three arguments and the same payload object', async () => {
    const postJson = vi.fn(async () => ({ ok: true }));
    const runner = createManagedDaemonHttpJsonRunner({ resolveBaseUrl: () => 'http://127.0.0.1:9', postJson });
    const payload = { items: [1] };
    await runner('/x', payload);
    expect(postJson.mock.calls).toStrictEqual([['http://127.0.0.1:9', '/x', payload]]);
    expect((postJson.mock.calls as unknown[][])[0]?.[2]).toBe(payload);
  });

  it('start the managed daemon once', async () => {
    const postJson = vi.fn(async () => ({ ok: true }));
    const managed = managedWith('http://127.0.0.1:61234');
    const runner = createManagedDaemonHttpJsonRunner({ ...managed, postJson });
    expect(managed.ensureRuntime).not.toHaveBeenCalled();
    await Promise.all([runner('/a', {}), runner('/b', {})]);
    expect(managed.startDaemon).toHaveBeenCalledTimes(1);
    expect(postJson.mock.calls.map((call: unknown[]) => call[1])).toEqual(['/a', '/b']);
  });

  it('cause no request when a port is created', async () => {
    const server = await jsonServer({});
    const resolveBaseUrl = vi.fn(async () => server.baseUrl);
    createManagedDaemonHttpJsonRunner({ resolveBaseUrl });
    createManagedDaemonLookerTableIdentifierParser({ resolveBaseUrl });
    createManagedDaemonSqlAnalysisPort({ resolveBaseUrl });
    managedDaemonDatabaseIntrospectionOptions({ resolveBaseUrl });
    await new Promise(setImmediate);
    expect(resolveBaseUrl).not.toHaveBeenCalled();
    expect(server.sockets).toHaveLength(0);
  });

  it('rethrow errors of postJson and resolveBaseUrl', async () => {
    const boom = { not: 'an error' };
    const options: ManagedPythonDaemonHttpOptions[] = [
      { resolveBaseUrl: () => Promise.reject(boom) },
      { resolveBaseUrl: async () => 'http://127.0.0.1:9', postJson: () => Promise.reject(boom) },
    ];
    for (const option of options) {
      expect(await catchFailure(() => createManagedDaemonHttpJsonRunner(option)('/x', {}))).toBe(boom);
    }
  });

  it.each([undefined, null, {}, { requestJson: 'no' }, { resolveBaseUrl: 5 }])(
    'of the invalid form %o are a TypeError',
    async (options) => {
      const create = createManagedDaemonHttpJsonRunner as (options: unknown) => () => Promise<unknown>;
      expect(await catchFailure(() => create(options)())).toBeInstanceOf(TypeError);
    },
  );
});

describe('a daemon that has ended', () => {
  it('is resolved again, and the request is retried once', async () => {
    const first = await jsonServer({ from: 'first' });
    const second = await jsonServer({ from: 'second' });
    const managed = managedWith(first.baseUrl, second.baseUrl);
    const runner = createManagedDaemonHttpJsonRunner(managed);

    await expect(runner('/x', { n: 1 })).resolves.toEqual({ from: 'first' });
    await first.close();
    await expect(runner('/x', { n: 2 })).resolves.toEqual({ from: 'second' });
    await expect(runner('/x', { n: 3 })).resolves.toEqual({ from: 'second' });

    expect(managed.startDaemon).toHaveBeenCalledTimes(2);
    expect(second.requests.map((request) => JSON.parse(request.body))).toEqual([{ n: 2 }, { n: 3 }]);
  });

  it('is resolved once for concurrent requests', async () => {
    const second = await jsonServer({ from: 'second' });
    const managed = managedWith(await createRefusingUrl(), second.baseUrl);
    const runner = createManagedDaemonHttpJsonRunner(managed);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => runner('/x', { n })));
    expect(answers).toEqual(Array.from({ length: 8 }, () => ({ from: 'second' })));
    expect(managed.startDaemon).toHaveBeenCalledTimes(2);
  });

  it('is an error if the retry fails to connect too', async () => {
    const managed = managedWith(await createRefusingUrl(), await createRefusingUrl());
    const error = await catchError(() => createManagedDaemonHttpJsonRunner(managed)('/x', {}));
    expect(error.code).toBe('KTX_HTTP_CONNECT');
    expect(managed.startDaemon).toHaveBeenCalledTimes(2);
  });

  it('is not resolved again after an error response', async () => {
    const server = await jsonServer({ detail: 'bad' }, 500);
    const managed = managedWith(server.baseUrl);
    const error = await catchError(() => createManagedDaemonHttpJsonRunner(managed)('/x', {}));
    expect(error.code).toBe('KTX_HTTP_STATUS');
    expect(managed.startDaemon).toHaveBeenCalledTimes(1);
    expect(server.requests).toHaveLength(1);
  });
});

describe('limits of a runner', () => {
  it('hold for its requests', async () => {
    const server = await jsonServer({ text: 'x'.repeat(4096) });
    const runner = createManagedDaemonHttpJsonRunner({
      resolveBaseUrl: () => server.baseUrl,
      maxResponseBytes: 1024,
    });
    expect((await catchError(() => runner('/x', {}))).code).toBe('KTX_HTTP_TOO_LARGE');
  });

  it('include the signal of a call', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const server = await httpServer(() => controller.abort(reason));
    const runner = createManagedDaemonHttpJsonRunner({ resolveBaseUrl: () => server.baseUrl });
    expect(await catchFailure(() => runner('/x', {}, { signal: controller.signal }))).toBe(reason);
  });
});

describe('typed responses', () => {
  const fingerprint = { fingerprint: 'f', normalized_sql: 's', tables_touched: [], literal_slots: [] };
  const slot = { position: 1, type: 'number', example_value: '4' };

  it.each([
    ['fingerprint', { ...fingerprint, fingerprint: undefined }],
    ['normalized_sql', { ...fingerprint, normalized_sql: 7 }],
    ['tables_touched', { ...fingerprint, tables_touched: 'orders' }],
    ['literal_slots', { ...fingerprint, literal_slots: undefined }],
    ['literal_slots', { ...fingerprint, literal_slots: [slot, { ...slot, position: '2' }] }],
  ])('of a fingerprint: an invalid %s is named', async (field, answer) => {
    const port = createManagedDaemonSqlAnalysisPort({ requestJson: mockRequestJson(answer) });
    const error = await catchError(() => port.analyzeForFingerprint('select 1', 'postgres'));
    expect(error.code).toBe('KTX_HTTP_ANSWER_INVALID');
    expect(error.message).toContain(field);
  });

  it.each([
    [{}],
    [{ results: [] }],
    [{ results: { item7: { ok: true, catalog: null } } }],
    [{ results: { item7: 5 } }],
  ])('of a parse: %j is an error', async (answer) => {
    const parser = createManagedDaemonLookerTableIdentifierParser({ requestJson: mockRequestJson(answer) });
    const error = await catchError(() => parser.parse([{ key: 'item7', sql_table_name: 't', dialect: 'postgres' }]));
    expect(error.code).toBe('KTX_HTTP_ANSWER_INVALID');
    expect(error.message).toContain('results' in answer && !Array.isArray(answer.results) ? 'item7' : 'results');
  });

  it('of a parse: keys are returned unchanged', async () => {
    const bad = { ok: false, reason: 'parse_error', detail: 'Erwartet: Tabelle' };
    const results = Object.fromEntries(['__proto__', 'constructor', '7', 'Ünïcode 数据', ''].map((key) => [key, bad]));
    const text = JSON.stringify({ results });
    const server = await httpServer((_request, response) => response.end(text));
    const parser = createManagedDaemonLookerTableIdentifierParser({ resolveBaseUrl: () => server.baseUrl });
    const parsed = await parser.parse([]);
    expect(JSON.stringify(parsed)).toBe(JSON.stringify(results));
  });

  it('of a batch: analyses by id, in one request, in camel case', async () => {
    const item = {
      fingerprint: 'f',
      normalized_sql: 'SELECT ?',
      literal_slots: [slot],
      tables_touched: [{ catalog: null, db: 'public', name: 'orders' }],
      columns_by_clause: { select: ['id'], groupBy: ['day'] },
      error: null,
    };
    const requestJson = mockRequestJson({ results: { one: item } });
    const port = createManagedDaemonSqlAnalysisPort({ requestJson });
    const items = [{ id: 'one', sql: 'select 1' }];

    await expect(port.analyzeBatch(items, 'postgres')).resolves.toStrictEqual({
      one: {
        fingerprint: 'f',
        normalizedSql: 'SELECT ?',
        literalSlots: [{ position: 1, type: 'number', exampleValue: '4' }],
        tablesTouched: [{ catalog: null, db: 'public', name: 'orders' }],
        columnsByClause: { select: ['id'], groupBy: ['day'] },
        error: null,
      },
    });
    expect(requestJson.mock.calls).toStrictEqual([['/sql/analyze-batch', { dialect: 'postgres', items }]]);
  });

  it('of a batch: the catalog is passed, and literals may be absent', async () => {
    const item = {
      fingerprint: 'f',
      normalized_sql: 'SELECT a FROM t',
      tables_touched: [],
      columns_by_clause: {},
      error: null,
    };
    const requestJson = mockRequestJson({ results: { one: item } });
    const port = createManagedDaemonSqlAnalysisPort({ requestJson });
    const [items, catalog] = [[{ id: 'one', sql: 'select a from t' }], { tables: [{ db: 's', name: 't' }] }];

    const { one } = await port.analyzeBatch(items, 'postgres', { catalog });
    expect(one?.literalSlots).toEqual([]);
    expect(requestJson.mock.calls).toStrictEqual([['/sql/analyze-batch', { dialect: 'postgres', items, catalog }]]);
    const wrong = await catchError(() => port.analyzeBatch(items, 'postgres', { catalog: [] as never }));
    expect(wrong).toBeInstanceOf(TypeError);
    expect(wrong.message).toBe('options.catalog must be an object');
  });

  it('of the daemon over HTTP: the request has exactly the keys of the contract', async () => {
    const server = await httpServer((_request, response) => sendJson(response, fingerprint));
    const port = createManagedDaemonSqlAnalysisPort({ resolveBaseUrl: () => server.baseUrl });
    await port.analyzeForFingerprint("select 'Grüße'", 'sqlite');
    const [request] = server.requests;
    expect(request?.url).toBe('/api/sql/analyze-for-fingerprint');
    expect(JSON.parse(request?.body ?? '')).toStrictEqual({ sql: "select 'Grüße'", dialect: 'sqlite' });
  });

  it('rethrow the error of an injected requestJson', async () => {
    const boom = new Error('boom');
    const port = createManagedDaemonSqlAnalysisPort({ requestJson: () => Promise.reject(boom) });
    expect(await catchFailure(() => port.analyzeForFingerprint('select 1', 'postgres'))).toBe(boom);
    expect(await catchFailure(() => port.analyzeBatch([], 'postgres'))).toBe(boom);
  });
});
