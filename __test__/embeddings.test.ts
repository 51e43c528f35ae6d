import {
  ensureManagedLocalEmbeddingsDaemon,
  type KtxRuntimeFeature,
  managedLocalEmbeddingHealthConfig,
  managedLocalEmbeddingProjectConfig,
  managedPythonRuntimeLayout,
  tryUseManagedLocalEmbeddingsDaemon,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchFailure } from './support/failure.js';
import { recordingIo } from './support/io.js';

const baseUrl = 'http://127.0.0.1:61234';

it.each([
  ['started', 'Started KTX local embeddings daemon'],
  ['reused', 'Using KTX local embeddings daemon'],
] as const)('reports a daemon that was %s, and returns its URL for clients', async (status, message) => {
  const { io, stderr } = recordingIo();
  const ensureRuntime = vi.fn(async () => ({}) as never);
  const startDaemon = vi.fn(async () => ({ status, baseUrl }) as never);
  const options = { cliVersion: '0.2.0', installPolicy: 'auto' as const, io, ensureRuntime, startDaemon };

  await expect(ensureManagedLocalEmbeddingsDaemon(options)).resolves.toStrictEqual({
    baseUrl,
    env: { KTX_MANAGED_SENTENCE_TRANSFORMERS_BASE_URL: baseUrl },
  });

  const [[ensured]] = ensureRuntime.mock.calls as unknown as [[{ io: unknown }]];
  expect(ensured).toStrictEqual({ cliVersion: '0.2.0', installPolicy: 'auto', io, feature: 'local-embeddings' });
  expect(ensured.io).toBe(io);
  expect(startDaemon.mock.calls).toStrictEqual([
    [{ cliVersion: '0.2.0', features: ['local-embeddings'], force: false }],
  ]);
  expect(stderr()).toBe(`${message}: ${baseUrl}\n`);
});

it('rethrows an error of startDaemon unchanged', async () => {
  const boom = new Error('boom');
  const { io, stderr } = recordingIo();
  const startDaemon = () => Promise.reject(boom);
  const ensureRuntime = async () => ({}) as never;
  const options = { cliVersion: '0.2.0', installPolicy: 'auto' as const, io, ensureRuntime, startDaemon };
  expect(await catchFailure(() => ensureManagedLocalEmbeddingsDaemon(options))).toBe(boom);
  expect(stderr()).toBe('');
});

it('the project configuration has a stable marker and no port', () => {
  expect(managedLocalEmbeddingProjectConfig({ model: 'all-MiniLM-L6-v2', dimensions: 384 })).toStrictEqual({
    backend: 'sentence-transformers',
    model: 'all-MiniLM-L6-v2',
    dimensions: 384,
    sentenceTransformers: { base_url: 'managed:local-embeddings', pathPrefix: '' },
  });
});

it('the health configuration has the URL', () => {
  expect(managedLocalEmbeddingHealthConfig({ baseUrl, model: 'all-MiniLM-L6-v2', dimensions: 384 })).toStrictEqual({
    backend: 'sentence-transformers',
    model: 'all-MiniLM-L6-v2',
    dimensions: 384,
    sentenceTransformers: { baseURL: baseUrl, pathPrefix: '' },
  });
});

it.each([managedLocalEmbeddingProjectConfig, managedLocalEmbeddingHealthConfig])(
  'a wrong type is a TypeError that names the argument',
  async (config) => {
    const error = await catchFailure(() => config({ baseUrl, model: 'm', dimensions: '384' } as never));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain('dimensions');
  },
);

describe('tryUseManagedLocalEmbeddingsDaemon', () => {
  const state = {
    schemaVersion: 1 as const,
    pid: 7,
    host: '127.0.0.1' as const,
    port: 9,
    version: '0.2.0',
    features: ['core', 'local-embeddings'] as KtxRuntimeFeature[],
    startedAt: '2026-01-01T00:00:00.000Z',
    stdoutLog: '/out.log',
    stderrLog: '/err.log',
  };
  const layout = managedPythonRuntimeLayout({ cliVersion: '0.2.0', runtimeRoot: '/runtime' });
  const running = { kind: 'running' as const, detail: '', layout, state, baseUrl: 'http://127.0.0.1:9' };

  it('returns a running daemon with the feature', async () => {
    const readStatus = vi.fn(async () => running);
    await expect(tryUseManagedLocalEmbeddingsDaemon({ cliVersion: '0.2.0', readStatus })).resolves.toEqual({
      baseUrl: 'http://127.0.0.1:9',
      stdoutLog: '/out.log',
      stderrLog: '/err.log',
    });
    expect(readStatus.mock.calls).toStrictEqual([[{ cliVersion: '0.2.0' }]]);
  });

  it.each([
    ['has no feature local-embeddings', { ...running, state: { ...state, features: ['core' as const] } }],
    ['is stale', { kind: 'stale' as const, detail: '', layout, state }],
    ['is not running', { kind: 'stopped' as const, detail: '', layout }],
  ])('returns null if the daemon %s', async (_, status) => {
    const readStatus = async () => status;
    await expect(tryUseManagedLocalEmbeddingsDaemon({ cliVersion: '0.2.0', readStatus })).resolves.toBeNull();
  });
});
