import {
  createLocalLookerTableIdentifierParser,
  createLocalSqlAnalysisPort,
  databaseIntrospectionRoute,
  localIngestAdapterOptions,
  lookerTableIdentifierRoute,
  sqlAnalysisRoute,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchError } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { httpServer, sendJson } from './support/servers.js';

const { io } = recordingIo();
const managedDaemon = { cliVersion: '0.2.0', installPolicy: 'never' as const, io };
const parser = { parse: async () => ({}) };
const requestJson = async () => ({});
const env = { KTX_DAEMON_URL: 'http://127.0.0.1:1111', KTX_SQL_ANALYSIS_URL: 'http://127.0.0.1:2222' };
const defaultUrl = 'http://127.0.0.1:8765';

describe('the precedence of routes', () => {
  it('for Looker table identifiers', () => {
    const daemonBaseUrl = 'http://127.0.0.1:3333';
    const route = lookerTableIdentifierRoute;
    expect(route({ looker: { parser, daemonBaseUrl }, managedDaemon, env })).toEqual({ kind: 'injected' });
    expect(route({ looker: { daemonBaseUrl }, managedDaemon, env })).toMatchObject({
      kind: 'url',
      baseUrl: daemonBaseUrl,
    });
    expect(route({ managedDaemon, env })).toMatchObject({ kind: 'url', baseUrl: env.KTX_DAEMON_URL });
    expect(route({ managedDaemon, env: {} })).toEqual({ kind: 'managed' });
    expect(route({ env: {} })).toMatchObject({ kind: 'url', baseUrl: defaultUrl });
  });

  it('for SQL analysis', () => {
    const sqlAnalysisUrl = 'http://127.0.0.1:3333';
    const { KTX_DAEMON_URL } = env;
    expect(sqlAnalysisRoute({ sqlAnalysisUrl, managedDaemon, env })).toMatchObject({ baseUrl: sqlAnalysisUrl });
    expect(sqlAnalysisRoute({ managedDaemon, env })).toMatchObject({ baseUrl: env.KTX_SQL_ANALYSIS_URL });
    expect(sqlAnalysisRoute({ managedDaemon, env: { KTX_DAEMON_URL } })).toMatchObject({ baseUrl: KTX_DAEMON_URL });
    expect(sqlAnalysisRoute({ managedDaemon, env: {} })).toEqual({ kind: 'managed' });
    expect(sqlAnalysisRoute({ env: {} })).toMatchObject({ kind: 'url', baseUrl: defaultUrl });
  });

  it('for database introspection', () => {
    const route = databaseIntrospectionRoute;
    const databaseIntrospectionUrl = 'http://127.0.0.1:3333';
    const databaseIntrospection = { requestJson };
    expect(route({ databaseIntrospectionUrl, databaseIntrospection, managedDaemon, env })).toMatchObject({
      kind: 'url',
      baseUrl: databaseIntrospectionUrl,
    });
    expect(route({ databaseIntrospection, managedDaemon, env })).toEqual({ kind: 'injected' });
    expect(route({ managedDaemon, env })).toEqual({ kind: 'managed' });
    expect(route({ env })).toEqual({ kind: 'one-shot' });
  });

  it('is reported in decidedBy', () => {
    expect(sqlAnalysisRoute({ env })).toMatchObject({ decidedBy: expect.stringContaining('KTX_SQL_ANALYSIS_URL') });
    expect(lookerTableIdentifierRoute({ env })).toMatchObject({ decidedBy: expect.stringContaining('KTX_DAEMON_URL') });
  });

  it('ignores an empty variable, and rejects an empty option', async () => {
    const empty = { KTX_DAEMON_URL: '', KTX_SQL_ANALYSIS_URL: '' };
    expect(lookerTableIdentifierRoute({ managedDaemon, env: empty })).toEqual({ kind: 'managed' });
    expect(sqlAnalysisRoute({ managedDaemon, env: empty })).toEqual({ kind: 'managed' });
    expect(sqlAnalysisRoute({ env: { ...env, KTX_SQL_ANALYSIS_URL: '' } })).toMatchObject({
      baseUrl: env.KTX_DAEMON_URL,
    });
    const error = await catchError(() => sqlAnalysisRoute({ sqlAnalysisUrl: '', env: empty }));
    expect(error.message).toMatch(/^sqlAnalysisUrl is empty/);
  });

  it('reads the process environment by default', () => {
    vi.stubEnv('KTX_DAEMON_URL', 'http://127.0.0.1:4444');
    expect(lookerTableIdentifierRoute({ managedDaemon })).toMatchObject({ baseUrl: 'http://127.0.0.1:4444' });
  });
});

describe('an invalid URL', () => {
  it.each([
    ['KTX_DAEMON_URL', () => lookerTableIdentifierRoute({ env: { KTX_DAEMON_URL: 'nonsense' } })],
    ['KTX_DAEMON_URL', () => sqlAnalysisRoute({ env: { KTX_DAEMON_URL: 'ftp://127.0.0.1' } })],
    ['KTX_SQL_ANALYSIS_URL', () => sqlAnalysisRoute({ env: { KTX_SQL_ANALYSIS_URL: 'localhost:80' } })],
    ['sqlAnalysisUrl', () => sqlAnalysisRoute({ sqlAnalysisUrl: 'nonsense', env: {} })],
    ['databaseIntrospectionUrl', () => databaseIntrospectionRoute({ databaseIntrospectionUrl: 'nonsense', env: {} })],
    ['daemonBaseUrl', () => lookerTableIdentifierRoute({ looker: { daemonBaseUrl: 'nonsense' }, env: {} })],
  ])('is an error that names %s', async (name, route) => {
    const error = await catchError(route);
    expect(error.code).toBe('KTX_HTTP_URL_INVALID');
    expect(error.message).toContain(name);
  });
});

describe('ports of a route', () => {
  it('return an injected parser unchanged', () => {
    expect(createLocalLookerTableIdentifierParser({ looker: { parser }, env })).toBe(parser);
  });

  it('post to the URL of the route', async () => {
    const server = await httpServer((_request, response) => sendJson(response, { results: {} }));
    const local = { KTX_DAEMON_URL: server.baseUrl };
    await expect(createLocalLookerTableIdentifierParser({ env: local }).parse([])).resolves.toEqual({});
    await expect(createLocalSqlAnalysisPort({ env: local }).analyzeBatch([], 'postgres')).resolves.toEqual({});
    expect(server.requests.map(({ url }) => url)).toEqual(['/sql/parse-table-identifier', '/sql/analyze-batch']);
  });

  it('start the managed daemon at the first request on the managed route', async () => {
    const server = await httpServer((_request, response) => sendJson(response, { results: {} }));
    const ensureRuntime = vi.fn(async () => ({}) as never);
    const startDaemon = vi.fn(async () => ({ status: 'reused', baseUrl: server.baseUrl }) as never);
    const port = createLocalSqlAnalysisPort({
      managedDaemon: { ...managedDaemon, ensureRuntime, startDaemon },
      env: {},
    });
    expect(ensureRuntime).not.toHaveBeenCalled();
    await port.analyzeBatch([], 'postgres');
    expect(startDaemon).toHaveBeenCalledTimes(1);
  });
});

describe('localIngestAdapterOptions', () => {
  const args = { cliVersion: '0.2.0', runtimeInstallPolicy: 'auto' as const };

  it('returns the managed daemon, with the same io object', () => {
    const options = localIngestAdapterOptions(args, io);
    expect(options).toStrictEqual({ managedDaemon: { cliVersion: '0.2.0', installPolicy: 'auto', io } });
    expect(options.managedDaemon?.io).toBe(io);
  });

  it('prefers an explicit URL', () => {
    const databaseIntrospectionUrl = 'http://127.0.0.1:3333';
    expect(localIngestAdapterOptions({ ...args, databaseIntrospectionUrl }, io)).toStrictEqual({
      databaseIntrospectionUrl,
    });
  });

  it.each([{}, { cliVersion: '0.2.0' }, { runtimeInstallPolicy: 'auto' as const }, { cliVersion: undefined }])(
    'omits the managed daemon with only %j',
    (args) => {
      expect(localIngestAdapterOptions(args, io)).toStrictEqual({});
    },
  );

  it('passes the connection of historic SQL', () => {
    expect(localIngestAdapterOptions({ historicSqlConnectionId: 'warehouse' }, io)).toStrictEqual({
      historicSqlConnectionId: 'warehouse',
    });
  });
});
