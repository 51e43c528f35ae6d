import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createManagedDaemonHttpJsonRunner, executeKtxSql, runLocalScan, writeKtxLogEvent } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { errorOf } from './support/failure.js';
import { jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

/** A daemon that refuses everything. */
const refusingDaemon = () => jsonServer({ code: 'query_failed', detail: 'hunter2 at column 1' }, 400);

function project(): string {
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

function runtimeRoot(): string {
  const root = join(temporaryFolder(), 'root');
  mkdirSync(root);
  return root;
}

const logOf = (root: string) =>
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

  it.each(Object.entries(calls))('of a %s reaches the daemon and the log, which has no SQL', async (_name, run) => {
    const { baseUrl, requests } = await refusingDaemon();
    const root = runtimeRoot();
    const target = { projectDir: project(), connectionId: 'shop', databaseIntrospectionUrl: baseUrl };
    await errorOf(() => run({ ...target, requestId: 'call-7.a_B', env: env(root) }));
    expect(requests.map(({ headers }) => headers['x-request-id'])).toEqual(['call-7.a_B']);
    const [request] = logOf(root);
    expect(request).toMatchObject({ level: 'warn', component: 'addon', event: 'request.finished', status: 400 });
    expect(request).toMatchObject({ request_id: 'call-7.a_B', code: 'KTX_HTTP_STATUS' });
    expect(JSON.stringify(logOf(root))).not.toMatch(/secret_column|hunter2/);
  });

  it('is a random one of each request where none is given', async () => {
    const { baseUrl, requests } = await refusingDaemon();
    const request = createManagedDaemonHttpJsonRunner({ resolveBaseUrl: () => baseUrl });
    await errorOf(() => request('/x', {}));
    await errorOf(() => request('/x', {}));
    const [first, second] = requests.map(({ headers }) => headers['x-request-id']);
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(second).toMatch(/^[0-9a-f]{16}$/);
    expect(first).not.toBe(second);
  });

  it.each(['', 'a b', '*/', 'x'.repeat(49)])('%j is an error that names the option', async (requestId) => {
    const error = await errorOf(() =>
      executeKtxSql({ projectDir: project(), connectionId: 'shop', sql: 'SELECT 1', requestId }),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("options.requestId must be 1 to 48 letters, digits, '.', '_' or '-'");
  });
});

describe('writeKtxLogEvent', () => {
  const event = { event: 'host.failed', fields: { token: 'hunter2', url: 'pg://u:hunter2@h/d', kept: 1 } };

  it('appends what the level lets pass, without credentials', () => {
    const root = runtimeRoot();
    writeKtxLogEvent({ ...event, level: 'debug', env: env(root) });
    writeKtxLogEvent({ ...event, level: 'warn', requestId: 'r', env: env(root) });
    writeKtxLogEvent({ ...event, level: 'debug', env: env(root, 'debug') });
    expect(logOf(root)).toMatchObject([
      { level: 'warn', component: 'cli', event: 'host.failed', request_id: 'r', token: '***', kept: 1 },
      { level: 'debug', url: 'pg://***@h/d' },
    ]);
  });

  it('names a wrong level', () => {
    expect(() => writeKtxLogEvent({ ...event, level: 'loud' as never })).toThrow("event.level must be 'error'");
  });
});
