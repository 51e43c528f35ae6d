import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  executeKtxSql,
  type ManagedPythonCoreDaemonOptions,
  runLocalIngest,
  runLocalScan,
  testKtxConnection,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchError, catchFailure } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

// The feature of a driver is installed on the first use of a connection with that driver.

/** Creates a project with a driver that is a feature, and one that is part of the core. */
function createProject(): string {
  const projectDir = join(temporaryFolder(), 'project');
  mkdirSync(projectDir);
  writeFileSync(
    join(projectDir, 'ktx.yaml'),
    `project: shop
connections:
  lake: { driver: duckdb, path: lake.duckdb, readonly: true }
  events: { driver: clickhouse, host: h, readonly: true, historicSql: { enabled: true } }
  spark: { driver: spark, host: h, method: connect, readonly: true }
  unset: { driver: snowflake, account: a, user: u, password: 'file:no-such-file', readonly: true }
  lite: { driver: sqlite, path: lite.db, readonly: true }
`,
  );
  writeFileSync(join(projectDir, 'lake.duckdb'), '');
  writeFileSync(join(projectDir, 'lite.db'), '');
  return projectDir;
}

const commands = {
  'connection test': (options: object) => testKtxConnection(options as never),
  'sql execute': (options: object) => executeKtxSql({ ...options, sql: 'select 1' } as never),
  scan: (options: object) => runLocalScan(options as never),
  'ingest run': (options: object) => runLocalIngest({ ...options, adapter: 'live-database' } as never),
};

function managedOptions(overrides: Partial<ManagedPythonCoreDaemonOptions> = {}): ManagedPythonCoreDaemonOptions {
  return { cliVersion: '0.2.0', installPolicy: 'never', io: recordingIo().io, ...overrides };
}

describe.each(Object.entries(commands))('%s', (_name, run) => {
  it.each([
    ['lake', 'duckdb'],
    ['events', 'clickhouse'],
    ['spark', 'spark-connect'],
  ])('ensures the feature of the driver of %s, with the same policy', async (connectionId, feature) => {
    const ensureRuntime = vi.fn(async () => {
      throw new Error('stop here');
    });
    const options = {
      projectDir: createProject(),
      managedDaemon: managedOptions({ ensureRuntime, installPolicy: 'auto' }),
    };
    await catchFailure(() => run({ ...options, connectionId }));
    const requests = ensureRuntime.mock.calls.map(([request]: unknown[]) => request as { feature: string });
    expect(requests.map((request) => request.feature)).toEqual([feature]);
    expect(requests[0]).toMatchObject({ cliVersion: '0.2.0', installPolicy: 'auto' });
  });

  it('reports the install command if it may not be installed', async () => {
    vi.stubEnv('KTX_RUNTIME_ROOT', join(temporaryFolder(), 'root'));
    const error = await catchError(() =>
      run({ projectDir: createProject(), connectionId: 'lake', managedDaemon: managedOptions() }),
    );
    vi.unstubAllEnvs();
    expect(error.code).toBe('KTX_RUNTIME_REQUIRED');
    expect(error.message).toContain('Run: ktx runtime install --feature duckdb --yes');
  });

  it('ensures only the core for a driver of the core', async () => {
    const ensureRuntime = vi.fn(async () => {
      throw new Error('stop here');
    });
    const options = {
      projectDir: createProject(),
      connectionId: 'lite',
      managedDaemon: managedOptions({ ensureRuntime }),
    };
    await catchFailure(() => run(options));
    const requests = ensureRuntime.mock.calls.map(([request]: unknown[]) => request as { feature: string });
    expect(requests.map(({ feature }) => feature)).toEqual(['core']);
  });

  it('ensures nothing for a connection that cannot be resolved', async () => {
    const ensureRuntime = vi.fn();
    const options = { projectDir: createProject(), connectionId: 'unset' };
    const error = await catchError(() => run({ ...options, managedDaemon: managedOptions({ ensureRuntime }) }));
    expect(error.code).toBe('KTX_SECRET_MISSING');
    expect(ensureRuntime).not.toHaveBeenCalled();
  });

  it('ensures nothing with an external daemon', async () => {
    const ensureRuntime = vi.fn();
    const server = await jsonServer({});
    const options = {
      projectDir: createProject(),
      connectionId: 'lake',
      managedDaemon: managedOptions({ ensureRuntime }),
    };
    await catchFailure(() => run({ ...options, databaseIntrospectionUrl: server.baseUrl }));
    expect(ensureRuntime).not.toHaveBeenCalled();
    expect(server.requests.length).toBeGreaterThan(0);
  });
});

it('ingest of a query history ensures the driver, too', async () => {
  const ensureRuntime = vi.fn(async () => {
    throw new Error('stop here');
  });
  const options = { projectDir: createProject(), connectionId: 'events', adapter: 'historic-sql' as const };
  await catchFailure(() => runLocalIngest({ ...options, managedDaemon: managedOptions({ ensureRuntime }) }));
  const requests = ensureRuntime.mock.calls.map(([request]: unknown[]) => request as { feature: string });
  expect(requests.map(({ feature }) => feature)).toEqual(['clickhouse']);
});
