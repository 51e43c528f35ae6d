import type { KtxProject } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { InterruptedError } from '../../../src/errors.js';
import { type KtxServeArgs, type KtxServeDeps, runKtxServeStdio } from '../../../src/serve/run.js';
import { makeIo } from '../../support/io.js';

const project = { projectDir: '/tmp/ktx-project', config: { connections: {} } } as never as KtxProject;
const adapters = [{ source: 'looker' }];

const args: KtxServeArgs = {
  mcp: 'stdio',
  projectDir: '/tmp/ktx-project',
  userId: 'agent',
  semanticCompute: false,
  semanticComputeUrl: undefined,
  databaseIntrospectionUrl: undefined,
  executeQueries: false,
  memoryCapture: false,
  memoryModel: undefined,
  cliVersion: '0.2.0',
  runtimeInstallPolicy: 'auto',
};

function mocks() {
  const managedRuntime = makeIo();
  const connect = vi.fn(async () => undefined);
  return {
    managedRuntime,
    connect,
    deps: {
      loadProject: async () => project,
      createContextTools: vi.fn(() => ({ connections: { list: async () => [] } })),
      createIngestAdapters: vi.fn(() => adapters),
      managedRuntimeIo: managedRuntime.io,
      createServer: vi.fn(() => ({ connect })),
      createTransport: vi.fn(() => ({}) as never),
      stderr: { write: vi.fn() },
    } satisfies KtxServeDeps,
  };
}

describe('runKtxServeStdio', () => {
  it('passes managed daemon options to MCP local ingest adapters and pull-config options', async () => {
    const { deps, managedRuntime } = mocks();
    await expect(runKtxServeStdio(args, deps)).resolves.toBe(0);
    const expectedManagedDaemon = { cliVersion: '0.2.0', installPolicy: 'auto', io: managedRuntime.io };
    expect(deps.createIngestAdapters).toHaveBeenCalledWith(project, { managedDaemon: expectedManagedDaemon });
    expect(deps.createContextTools).toHaveBeenCalledWith(
      project,
      expect.objectContaining({
        localIngest: expect.objectContaining({
          adapters,
          pullConfigOptions: { managedDaemon: expectedManagedDaemon },
        }),
      }),
    );
  });

  it('omits the managed daemon if a daemon URL is set', async () => {
    const { deps } = mocks();
    const databaseIntrospectionUrl = 'http://127.0.0.1:8765';
    await runKtxServeStdio({ ...args, databaseIntrospectionUrl }, deps);
    expect(deps.createIngestAdapters).toHaveBeenCalledExactlyOnceWith(project, { databaseIntrospectionUrl });
    expect(deps.createContextTools).toHaveBeenCalledWith(
      project,
      expect.objectContaining({
        localIngest: expect.objectContaining({ pullConfigOptions: { databaseIntrospectionUrl } }),
      }),
    );
  });

  it('defaults to the policy prompt, and omits the managed daemon without a version', async () => {
    const withDefault = mocks();
    const { runtimeInstallPolicy: _, ...unset } = args;
    await runKtxServeStdio(unset, withDefault.deps);
    expect(withDefault.deps.createIngestAdapters).toHaveBeenCalledWith(project, {
      managedDaemon: { cliVersion: '0.2.0', installPolicy: 'prompt', io: withDefault.managedRuntime.io },
    });
    const withoutVersion = mocks();
    const { cliVersion: __, ...unversioned } = args;
    await runKtxServeStdio(unversioned, withoutVersion.deps);
    expect(withoutVersion.deps.createIngestAdapters).toHaveBeenCalledWith(project, {});
  });

  it('connects the server to the transport, and passes the user of the agent', async () => {
    const { deps, connect } = mocks();
    await runKtxServeStdio(args, deps);
    expect(connect).toHaveBeenCalledExactlyOnceWith(deps.createTransport.mock.results[0]?.value);
    expect(deps.createServer).toHaveBeenCalledWith(
      expect.objectContaining({ name: 'ktx', version: '0.2.0', userContext: { userId: 'agent' } }),
    );
  });

  it('closes the server when interrupted, and rejects with the interruption', async () => {
    const { deps } = mocks();
    const interruption = new AbortController();
    let resolveClosed = () => {};
    const closed = new Promise<void>((resolve) => {
      resolveClosed = resolve;
    });
    const close = vi.fn(async () => resolveClosed());
    const connect = async () => interruption.abort(new InterruptedError());
    const createServer = () => ({ connect, closed, close });
    const serving = runKtxServeStdio(args, { ...deps, createServer, signal: interruption.signal });
    await expect(serving).rejects.toBeInstanceOf(InterruptedError);
    expect(close).toHaveBeenCalledOnce();
  });

  it('rejects memoryCapture', async () => {
    const { deps } = mocks();
    await expect(runKtxServeStdio({ ...args, memoryCapture: true }, deps)).rejects.toMatchObject({
      code: 'KTX_ARGUMENT_INVALID',
    });
    expect(deps.createServer).not.toHaveBeenCalled();
  });
});
