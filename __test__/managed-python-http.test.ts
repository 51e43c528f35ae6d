import {
  createManagedDaemonHttpJsonRunner,
  createManagedDaemonLookerTableIdentifierParser,
  createManagedDaemonSqlAnalysisPort,
  createManagedPythonDaemonBaseUrlResolver,
  type ManagedPythonCoreDaemonOptions,
  managedDaemonDatabaseIntrospectionOptions,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { recordingIo } from './support/io.js';

// Test cases of the seed document for these helpers.

const baseUrl = 'http://127.0.0.1:61234';

/** Callbacks of a host with an installed runtime, whose daemon starts with this status. */
function hostCallbacks(status: 'started' | 'reused') {
  return {
    ensureRuntime: vi.fn(async () => ({ layout: {} as never, manifest: {} as never })),
    startDaemon: vi.fn(async () => ({ status, layout: {} as never, state: { pid: 1234 } as never, baseUrl })),
  } satisfies Partial<ManagedPythonCoreDaemonOptions>;
}

describe('createManagedPythonDaemonBaseUrlResolver', () => {
  it('ensures the core runtime, starts the daemon, reports the URL, and caches it', async () => {
    const { io, stderr } = recordingIo();
    const host = hostCallbacks('started');
    const resolve = createManagedPythonDaemonBaseUrlResolver({
      cliVersion: '0.2.0',
      installPolicy: 'auto',
      io,
      ...host,
    });

    await expect(resolve()).resolves.toBe(baseUrl);
    await expect(resolve()).resolves.toBe(baseUrl);

    expect(host.ensureRuntime).toHaveBeenCalledTimes(1);
    expect(host.ensureRuntime).toHaveBeenCalledWith({
      cliVersion: '0.2.0',
      installPolicy: 'auto',
      io,
      feature: 'core',
    });
    expect(host.startDaemon).toHaveBeenCalledTimes(1);
    expect(host.startDaemon).toHaveBeenCalledWith({ cliVersion: '0.2.0', features: ['core'], force: false });
    expect(stderr()).toContain(`Started KTX Python daemon: ${baseUrl}`);
  });

  it('reports a reused daemon and does not ensure the runtime again', async () => {
    const { io, stderr } = recordingIo();
    const host = hostCallbacks('reused');
    const resolve = createManagedPythonDaemonBaseUrlResolver({
      cliVersion: '0.2.0',
      installPolicy: 'never',
      io,
      ...host,
    });

    await expect(resolve()).resolves.toBe(baseUrl);
    await expect(resolve()).resolves.toBe(baseUrl);

    expect(host.ensureRuntime).toHaveBeenCalledTimes(1);
    expect(host.startDaemon).toHaveBeenCalledTimes(1);
    expect(stderr()).toContain(`Using existing KTX Python daemon: ${baseUrl}`);
  });

  it('reports no URL with announceDaemon: false', async () => {
    const { io, stderr } = recordingIo();
    const options = { cliVersion: '0.2.0', installPolicy: 'never', io, announceDaemon: false } as const;
    const resolve = createManagedPythonDaemonBaseUrlResolver({ ...options, ...hostCallbacks('started') });

    await expect(resolve()).resolves.toBe(baseUrl);

    expect(stderr()).toBe('');
  });
});

describe('createManagedDaemonHttpJsonRunner', () => {
  it('resolves the base URL per request', async () => {
    const postJson = vi.fn(async () => ({ ok: true }));
    const runner = createManagedDaemonHttpJsonRunner({ resolveBaseUrl: async () => baseUrl, postJson });

    await expect(runner('/sql/parse-table-identifier', { items: [] })).resolves.toEqual({ ok: true });

    expect(postJson).toHaveBeenCalledWith(baseUrl, '/sql/parse-table-identifier', { items: [] });
  });
});

describe('managed daemon ingest ports', () => {
  it('parses Looker table identifiers through the runner', async () => {
    const orders = {
      ok: true,
      catalog: 'warehouse',
      schema: 'public',
      name: 'orders',
      canonical_table: 'public.orders',
    };
    const requestJson = vi.fn(async () => ({ results: { 'model.explore': orders } }));
    const parser = createManagedDaemonLookerTableIdentifierParser({ requestJson });
    const items = [{ key: 'model.explore', sql_table_name: 'public.orders', dialect: 'postgres' }];

    await expect(parser.parse(items)).resolves.toEqual({ 'model.explore': orders });

    expect(requestJson).toHaveBeenCalledWith('/sql/parse-table-identifier', { items });
  });

  it('analyses SQL through the runner', async () => {
    const requestJson = vi.fn(async () => ({
      fingerprint: 'select-orders',
      normalized_sql: 'SELECT * FROM public.orders WHERE id = ?',
      tables_touched: ['public.orders'],
      literal_slots: [{ position: 1, type: 'number', example_value: '42' }],
    }));
    const analysis = createManagedDaemonSqlAnalysisPort({ requestJson });
    const sql = 'SELECT * FROM public.orders WHERE id = 42';

    await expect(analysis.analyzeForFingerprint(sql, 'postgres')).resolves.toEqual({
      fingerprint: 'select-orders',
      normalizedSql: 'SELECT * FROM public.orders WHERE id = ?',
      tablesTouched: ['public.orders'],
      literalSlots: [{ position: 1, type: 'number', exampleValue: '42' }],
    });

    expect(requestJson).toHaveBeenCalledWith('/api/sql/analyze-for-fingerprint', { sql, dialect: 'postgres' });
  });

  it('returns introspection options backed by the runner', async () => {
    const answer = { connection_id: 'warehouse', tables: [] };
    const requestJson = vi.fn(async () => answer);
    const options = managedDaemonDatabaseIntrospectionOptions({ requestJson });

    await expect(options.requestJson('/database/introspect', { connection_id: 'warehouse' })).resolves.toEqual(answer);

    expect(requestJson).toHaveBeenCalledWith('/database/introspect', { connection_id: 'warehouse' });
  });
});
