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
import { errorOf, failureOf } from './support/failure.js';
import { recordingIo } from './support/io.js';
import { jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

// What a driver needs besides the core is asked for where a connection of that driver is met.

/** A project with a connection whose driver is a feature, and one whose driver is part of the core. */
function project(): string {
  const projectDir = join(temporaryFolder(), 'project');
  mkdirSync(projectDir);
  writeFileSync(
    join(projectDir, 'ktx.yaml'),
    `project: shop
connections:
  lake: { driver: duckdb, path: lake.duckdb, readonly: true }
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

function managed(more: Partial<ManagedPythonCoreDaemonOptions> = {}): ManagedPythonCoreDaemonOptions {
  return { cliVersion: '0.2.0', installPolicy: 'never', io: recordingIo().io, ...more };
}

describe.each(Object.entries(commands))('%s', (_name, run) => {
  it('asks for the feature of the driver, by the same policy', async () => {
    const ensureRuntime = vi.fn(async () => {
      throw new Error('no more of this');
    });
    const options = { projectDir: project(), managedDaemon: managed({ ensureRuntime, installPolicy: 'auto' }) };
    await failureOf(() => run({ ...options, connectionId: 'lake' }));
    const asked = ensureRuntime.mock.calls.map(([request]: unknown[]) => request as { feature: string });
    expect(asked.map(({ feature }) => feature)).toEqual(['duckdb']);
    expect(asked[0]).toMatchObject({ cliVersion: '0.2.0', installPolicy: 'auto' });
  });

  it('names the command where it may not be installed', async () => {
    vi.stubEnv('KTX_RUNTIME_ROOT', join(temporaryFolder(), 'root'));
    const error = await errorOf(() => run({ projectDir: project(), connectionId: 'lake', managedDaemon: managed() }));
    vi.unstubAllEnvs();
    expect(error.code).toBe('KTX_RUNTIME_REQUIRED');
    expect(error.message).toContain('Run: ktx runtime install --feature duckdb --yes');
  });

  it('asks for the core alone where the driver is part of it', async () => {
    const ensureRuntime = vi.fn(async () => {
      throw new Error('no more of this');
    });
    const options = { projectDir: project(), connectionId: 'lite', managedDaemon: managed({ ensureRuntime }) };
    await failureOf(() => run(options));
    const asked = ensureRuntime.mock.calls.map(([request]: unknown[]) => request as { feature: string });
    expect(asked.map(({ feature }) => feature)).toEqual(['core']);
  });

  it('asks for nothing where the daemon is an external one', async () => {
    const ensureRuntime = vi.fn();
    const server = await jsonServer({});
    const options = { projectDir: project(), connectionId: 'lake', managedDaemon: managed({ ensureRuntime }) };
    await failureOf(() => run({ ...options, databaseIntrospectionUrl: server.baseUrl }));
    expect(ensureRuntime).not.toHaveBeenCalled();
    expect(server.requests.length).toBeGreaterThan(0);
  });
});
