import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  executeKtxSql,
  generateKtxSemanticSources,
  type KtxSemanticSource,
  listKtxSemanticSources,
  readKtxSemanticModel,
  readKtxSemanticSource,
  runKtxSemanticQuery,
  validateKtxSemanticSources,
  writeKtxSemanticSource,
} from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { catchError, catchFailure } from './support/failure.js';
import { jsonServer } from './support/servers.js';
import { temporaryFolder } from './support/temp.js';

const connectionId = 'shop';

/** Creates a project with a SQLite connection, and a mocked daemon with these responses by path. */
function createProject(responses: Record<string, unknown> = {}) {
  const projectDir = temporaryFolder();
  writeFileSync(join(projectDir, 'shop.db'), '');
  writeFileSync(
    join(projectDir, 'ktx.yaml'),
    `connections: { ${connectionId}: { driver: sqlite, path: ./shop.db, readonly: true } }`,
  );
  const requestJson = vi.fn(async (path: string, _payload: Record<string, unknown>) => {
    const response = responses[path];
    if (response instanceof Error || response === undefined) throw response ?? new Error(`unexpected request ${path}`);
    return response as Record<string, unknown>;
  });
  return { projectDir, connectionId, databaseIntrospection: { requestJson } };
}

const orders: KtxSemanticSource = {
  name: 'orders',
  table: 'main.orders',
  grain: ['id'],
  columns: [{ name: 'id', type: 'number' }],
  measures: [{ name: 'count', expr: 'count(*)' }],
};
const columns = [{ name: 'orders.n', alias: 'n' }];
const compiled = { sql: 'SELECT 1', dialect: 'sqlite', columns, plan: { columns, warnings: [] } };
const executed = { columns: [{ name: 'n', type: null }], rows: [[1, 'größe']], row_count: 1, truncated: false };
const noProblems = { valid: true, errors: [], warnings: [], per_source_warnings: {} };

/** Writes the staged files of a scan. */
function writeScan(projectDir: string): void {
  const tables = join(projectDir, 'raw-sources', connectionId, 'live-database', '20260101T000000000Z-a', 'tables');
  mkdirSync(tables, { recursive: true });
  const column = { name: 'id', type: 'INTEGER', nullable: false, primary_key: true, comment: null };
  const table = { catalog: null, db: 'main', name: 'orders', kind: 'table', comment: null, estimated_rows: 7 };
  writeFileSync(join(tables, 'main.orders.json'), JSON.stringify({ ...table, columns: [column], foreign_keys: [] }));
}

describe('metrics', () => {
  it('are read, and sent with queries', async () => {
    const project = createProject({ '/semantic-layer/query': compiled });
    await writeKtxSemanticSource({ projectDir: project.projectDir, connectionId, source: orders });
    const calendar = { week_start: 'monday', fiscal_year_start: 1 };
    expect(await readKtxSemanticModel(project)).toEqual({ metrics: [], calendar });
    const file = join(project.projectDir, 'semantic-layer', 'metrics.yaml');
    writeFileSync(file, 'metrics: [{ name: n, expr: orders.count, fill_nulls_with: 0 }]');
    const metrics = [{ name: 'n', expr: 'orders.count', fill_nulls_with: 0 }];
    expect(await readKtxSemanticModel(project)).toEqual({ metrics, calendar });
    await runKtxSemanticQuery({ ...project, query: { measures: ['n'] } });
    const [request] = project.databaseIntrospection.requestJson.mock.calls;
    expect(request?.[1]).toMatchObject({ model: { metrics } });
    writeFileSync(file, 'calendar: { week_start: someday }');
    const error = await catchError(() => readKtxSemanticModel(project));
    expect(error.message).toMatch(
      /^semantic-layer\/metrics\.yaml:1:25: calendar\.week_start: expected one of monday, /,
    );
  });
});

describe('semantic sources', () => {
  it('are written, listed and read', async () => {
    const { projectDir } = createProject();
    const path = `semantic-layer/${connectionId}/orders.yaml`;
    const saved = await writeKtxSemanticSource({ projectDir, connectionId, source: orders });
    expect(saved).toEqual({ connectionId, name: 'orders', path, status: 'created', validated: false, warnings: [] });
    const again = await writeKtxSemanticSource({ projectDir, connectionId, source: orders });
    expect(again.status).toBe('unchanged');
    const [listed] = await listKtxSemanticSources({ projectDir });
    expect(listed).toMatchObject({ connectionId, name: 'orders', path, measures: ['count'], error: null });
    const read = await readKtxSemanticSource({ projectDir, connectionId, name: 'orders' });
    expect(read).toEqual({ connectionId, name: 'orders', path, source: orders, text: expect.any(String) });
    expect(readFileSync(join(projectDir, path), 'utf8')).toBe(read.text);
  });

  it('that are invalid are rejected, and nothing is written', async () => {
    const { projectDir } = createProject();
    const source = { ...orders, columns: [{ name: 'id', type: 'int' }] } as unknown as KtxSemanticSource;
    const error = await catchError(() => writeKtxSemanticSource({ projectDir, connectionId, source }));
    expect(error.code).toBe('KTX_SEMANTIC_INVALID');
    expect(error.message).toMatch(/^source\.columns\[0\]\.type: expected one of string, number, time, boolean$/);
    await expect(listKtxSemanticSources({ projectDir })).resolves.toEqual([]);
    const call = () => writeKtxSemanticSource({ projectDir, connectionId, source: 'orders' as never });
    await expect(catchFailure(call)).resolves.toBeInstanceOf(TypeError);
  });

  it('are validated before they are written, if a daemon is configured', async () => {
    const problems = { ...noProblems, valid: false, errors: ["orders, grain: There is no column in orders 'idd'"] };
    const rejecting = createProject({ '/semantic-layer/validate': problems });
    writeScan(rejecting.projectDir);
    const error = await catchError(() => writeKtxSemanticSource({ ...rejecting, source: orders }));
    expect(error).toMatchObject({
      code: 'KTX_SEMANTIC_INVALID',
      message: `The source orders is not valid and was not written: ${problems.errors[0]}`,
    });
    await expect(listKtxSemanticSources({ projectDir: rejecting.projectDir })).resolves.toEqual([]);
    const [request] = rejecting.databaseIntrospection.requestJson.mock.calls;
    expect(request?.[1]).toMatchObject({ sources: [orders], tables: [{ name: 'orders', db: 'main' }] });

    const answer = { ...noProblems, per_source_warnings: { orders: ['w'], others: ['x'] } };
    const accepting = createProject({ '/semantic-layer/validate': answer });
    const saved = await writeKtxSemanticSource({ ...accepting, source: orders });
    expect(saved).toMatchObject({ status: 'created', validated: true, warnings: ['w'] });
    const thrown = new Error('no');
    const failing = createProject({ '/semantic-layer/validate': thrown });
    expect(await catchFailure(() => writeKtxSemanticSource({ ...failing, source: orders }))).toBe(thrown);
    await expect(listKtxSemanticSources({ projectDir: failing.projectDir })).resolves.toEqual([]);
    for (const name of ['../../evil', 'a.b', 'x'.repeat(100_000)]) {
      const call = () => writeKtxSemanticSource({ ...accepting, source: { ...orders, name } });
      expect(await catchError(call)).toMatchObject({ code: 'KTX_SEMANTIC_INVALID' });
    }
  });

  it('are generated from the tables of a scan', async () => {
    const options = createProject({ '/semantic-layer/generate-sources': { sources: [orders], source_count: 1 } });
    expect((await catchError(() => generateKtxSemanticSources(options))).code).toBe('KTX_SCAN_MISSING');
    writeScan(options.projectDir);
    const generation = await generateKtxSemanticSources(options);
    expect(generation).toMatchObject({ connectionId, syncId: '20260101T000000000Z-a' });
    expect(generation.sources.map(({ name, action }) => [name, action])).toEqual([['orders', 'created']]);
    expect(options.databaseIntrospection.requestJson.mock.calls[0]?.[1]).toEqual({
      tables: [
        {
          name: 'orders',
          catalog: null,
          db: 'main',
          comment: null,
          columns: [{ name: 'id', type: 'INTEGER', primary_key: true, nullable: false, comment: null }],
        },
      ],
      links: [],
      dialect: 'sqlite',
    });
  });
});

describe('queries', () => {
  async function createProjectWithSource(responses: Record<string, unknown>) {
    const options = createProject(responses);
    const { projectDir } = options;
    await writeKtxSemanticSource({ projectDir, connectionId, source: orders });
    return options;
  }

  it('are compiled, and executed only with execute', async () => {
    const options = await createProjectWithSource({ '/semantic-layer/query': compiled, '/sql/execute': executed });
    const query = { measures: ['orders.count'], limit: 5 };
    await expect(runKtxSemanticQuery({ ...options, query })).resolves.toEqual({ connectionId, ...compiled });
    const { requestJson } = options.databaseIntrospection;
    expect(requestJson.mock.calls).toEqual([
      ['/semantic-layer/query', { sources: [orders], query, dialect: 'sqlite' }],
    ]);
    const { result } = await runKtxSemanticQuery({ ...options, query, execute: true, maxRows: 3 });
    const { row_count: rowCount, ...rest } = executed;
    expect(result).toEqual({ connectionId, ...rest, rowCount });
    const url = expect.stringMatching(/^sqlite:\/\/\/.*shop\.db$/);
    const execution = { connection_id: connectionId, driver: 'sqlite', url, sql: 'SELECT 1', dialect: 'sqlite' };
    expect(requestJson.mock.calls.at(-1)).toEqual(['/sql/execute', { ...execution, max_rows: 3 }]);
  });

  it('are compiled by the daemon of semanticComputeUrl', async () => {
    const options = await createProjectWithSource({ '/sql/execute': executed });
    const { baseUrl } = await jsonServer(compiled);
    const query = { measures: ['orders.count'] };
    const answer = await runKtxSemanticQuery({ ...options, query, execute: true, semanticComputeUrl: baseUrl });
    expect(answer).toMatchObject({ sql: 'SELECT 1', result: { rowCount: 1 } });
    expect(options.databaseIntrospection.requestJson.mock.calls.map(([path]) => path)).toEqual(['/sql/execute']);
    const call = () => runKtxSemanticQuery({ ...options, query, semanticComputeUrl: 'nonsense' });
    expect((await catchError(call)).message).toMatch(/^semanticComputeUrl is not an http or https URL/);
  });

  it('for validation combine problems of files with those of the daemon', async () => {
    const options = await createProjectWithSource({ '/semantic-layer/validate': { ...noProblems, warnings: ['w'] } });
    await expect(validateKtxSemanticSources(options)).resolves.toEqual({
      ...{ connectionId, sources: ['orders'], valid: true, errors: [], warnings: ['w'], perSourceWarnings: {} },
    });
    writeFileSync(join(options.projectDir, 'semantic-layer', connectionId, 'x.yaml'), 'name: 5');
    const { valid, errors } = await validateKtxSemanticSources(options);
    expect([valid, errors.length]).toEqual([false, 1]);
    const call = () => validateKtxSemanticSources({ ...options, names: ['ordres'] });
    expect(await catchError(call)).toMatchObject({ code: 'KTX_SEMANTIC_UNKNOWN' });
  });

  it('in SQL return rows, and rethrow errors of the host', async () => {
    const options = createProject({ '/sql/execute': executed });
    await expect(executeKtxSql({ ...options, sql: 'SELECT 1' })).resolves.toMatchObject({ rows: [[1, 'größe']] });
    const thrown = new Error('no');
    const failing = createProject({ '/sql/execute': thrown });
    expect(await catchFailure(() => executeKtxSql({ ...failing, sql: 'SELECT 1' }))).toBe(thrown);
    for (const maxRows of [0, 1.5, '5']) {
      const call = () => executeKtxSql({ ...options, sql: 'SELECT 1', maxRows: maxRows as number });
      await expect(catchFailure(call)).resolves.toBeInstanceOf(TypeError);
    }
  });

  it('are cancelled by their signal', async () => {
    const controller = new AbortController();
    const options = createProject();
    options.databaseIntrospection.requestJson.mockImplementation(() => new Promise(() => {}));
    const running = executeKtxSql({ ...options, sql: 'SELECT 1', signal: controller.signal });
    const reason = new Error('enough');
    await vi.waitUntil(() => options.databaseIntrospection.requestJson.mock.calls.length > 0, { timeout: 20_000 });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });
});
