import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createManagedDaemonHttpJsonRunner, executeKtxSql, runLocalScan, writeKtxLogEvent } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { catchError } from './support/failure.js';
import { jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

/** Starts a daemon that rejects every request. */
const startRejectingDaemon = () => jsonServer({ code: 'query_failed', detail: 'hunter2 at column 1' }, 400);

function createProject(): string {
  const projectDir = temporaryFolder();
  writeFileSync(join(projectDir, 'shop.db'), '');
  const yaml = 'connections: { shop: { driver: sqlite, path: shop.db, readonly: true } }\n';
  writeFileSync(join(projectDir, 'ktx.yaml'), yaml);
  return projectDir;
}

const env = (root: string, level?: string) => ({
  ...process.env,
  KTX_RUNTIME_ROOT: root,
  ...(level === undefined ? {} : { KTX_LOG_LEVEL: level }),
});

function createRuntimeRoot(): string {
  const root = join(temporaryFolder(), 'root');
  mkdirSync(root);
  return root;
}

const readLog = (root: string) =>
  readFileSync(join(root, 'ktx.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('requestId', () => {
  const calls = {
    query: (options: object) => executeKtxSql({ ...options, sql: 'SELECT secret_column' } as never),
    scan: (options: object) => runLocalScan(options as never),
    'scan with adapters': ({ databaseIntrospectionUrl, ...options }: Record<string, unknown>) => {
      const adapters = [{ source: 'live-database', skillNames: [], options: { databaseIntrospectionUrl } }];
      return runLocalScan({ ...options, adapters } as never);
    },
  };

  it.each(Object.entries(calls))('of a %s is sent to the daemon and logged, without SQL', async (_name, run) => {
    const { baseUrl, requests } = await startRejectingDaemon();
    const root = createRuntimeRoot();
    const target = { projectDir: createProject(), connectionId: 'shop', databaseIntrospectionUrl: baseUrl };
    await catchError(() => run({ ...target, requestId: 'call-7.a_B', env: env(root) }));
    expect(requests.map(({ headers }) => headers['x-request-id'])).toEqual(['call-7.a_B']);
    const [request] = readLog(root);
    expect(request).toMatchObject({ level: 'warn', component: 'addon', event: 'request.finished', status: 400 });
    expect(request).toMatchObject({ request_id: 'call-7.a_B', code: 'KTX_HTTP_STATUS' });
    expect(JSON.stringify(readLog(root))).not.toMatch(/secret_column|hunter2/);
  });

  it('is random per request by default', async () => {
    const { baseUrl, requests } = await startRejectingDaemon();
    const request = createManagedDaemonHttpJsonRunner({ resolveBaseUrl: () => baseUrl });
    await catchError(() => request('/x', {}));
    await catchError(() => request('/x', {}));
    const [first, second] = requests.map(({ headers }) => headers['x-request-id']);
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(second).toMatch(/^[0-9a-f]{16}$/);
    expect(first).not.toBe(second);
  });

  it.each(['', 'a b', '*/', 'x'.repeat(49)])('rejects %j with the name of the option', async (requestId) => {
    const error = await catchError(() =>
      executeKtxSql({ projectDir: createProject(), connectionId: 'shop', sql: 'SELECT 1', requestId }),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("options.requestId must be 1 to 48 letters, digits, '.', '_' or '-'");
  });
});

describe('writeKtxLogEvent', () => {
  const event = { event: 'host.failed', fields: { token: 'hunter2', url: 'pg://u:hunter2@h/d', kept: 1 } };

  it('appends events at or above the level, without credentials', () => {
    const root = createRuntimeRoot();
    writeKtxLogEvent({ ...event, level: 'debug', env: env(root) });
    writeKtxLogEvent({ ...event, level: 'warn', requestId: 'r', env: env(root) });
    writeKtxLogEvent({ ...event, level: 'debug', env: env(root, 'debug') });
    expect(readLog(root)).toMatchObject([
      { level: 'warn', component: 'cli', event: 'host.failed', request_id: 'r', token: '***', kept: 1 },
      { level: 'debug', url: 'pg://***@h/d' },
    ]);
  });

  it('rejects an invalid level', () => {
    expect(() => writeKtxLogEvent({ ...event, level: 'loud' as never })).toThrow("event.level must be 'error'");
  });
});
