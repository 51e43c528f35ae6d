import type { KtxProject, KtxSemanticQueryResult, KtxSqlResult } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { type KtxSlArgs, type KtxSlDeps, runKtxSl } from '../../../src/sl/run.js';
import { daemonOptionsOf } from '../../support/daemon-options.js';
import { makeIo } from '../../support/io.js';

const connection = (id: string, driver = 'sqlite') => ({ id, driver, readonly: true, target: './shop.db' });

function project(...connections: KtxProject['connections']): KtxProject {
  return { projectDir: '/shop', configPath: '/shop/ktx.yaml', name: 'shop', connections, warnings: [] };
}

const common = { projectDir: '/shop', cliVersion: '0.2.0', installPolicy: 'auto' } as const;

const query: Extract<KtxSlArgs, { command: 'query' }> = {
  ...common,
  command: 'query',
  query: { measures: ['orders.count'] },
  execute: false,
};

const result: KtxSqlResult = {
  connectionId: 'warehouse',
  columns: [{ name: 'orders', type: 'INTEGER' }],
  rows: [[7]],
  rowCount: 1,
  truncated: false,
};

const compiled: KtxSemanticQueryResult = {
  connectionId: 'warehouse',
  sql: 'SELECT COUNT(*) AS orders',
  dialect: 'sqlite',
  columns: [],
  plan: {
    sources_used: ['orders'],
    join_paths: [],
    has_fan_out: false,
    measure_groups: [],
    where_filters: [],
    having_filters: [],
    columns: [],
    warnings: [],
  },
};

async function run(args: KtxSlArgs, deps: KtxSlDeps, connections = [connection('warehouse')]) {
  const testIo = makeIo();
  const loadKtxProject = async () => project(...connections);
  const readKtxSemanticModel = async () => ({ metrics: [], calendar: {} });
  const code = await runKtxSl(args, testIo.io, { loadKtxProject, readKtxSemanticModel, ...deps });
  return { code, stdout: testIo.stdout(), stderr: testIo.stderr(), io: testIo.io };
}

describe('the connection', () => {
  it('defaults to the only database of the project, through the managed daemon', async () => {
    const runKtxSemanticQuery = vi.fn(async (_: unknown) => compiled);
    const { io } = await run(query, { runKtxSemanticQuery }, [connection('bi', 'looker'), connection('warehouse')]);
    expect(runKtxSemanticQuery).toHaveBeenCalledExactlyOnceWith({
      projectDir: '/shop',
      connectionId: 'warehouse',
      managedDaemon: daemonOptionsOf(io),
      query: { measures: ['orders.count'] },
      execute: false,
    });
  });

  it('is required if there are several databases or none', async () => {
    const runKtxSemanticQuery = vi.fn();
    await expect(run(query, { runKtxSemanticQuery }, [connection('a'), connection('b')])).rejects.toMatchObject({
      code: 'KTX_ARGUMENT_INVALID',
      message: 'This project has several connections: a, b',
      next: 'Choose one of them with --connection-id ID',
    });
    await expect(run(query, { runKtxSemanticQuery }, [])).rejects.toMatchObject({ code: 'KTX_CONNECTION_UNKNOWN' });
    expect(runKtxSemanticQuery).not.toHaveBeenCalled();
  });
});

describe('query', () => {
  const plain = { runKtxSemanticQuery: async () => compiled };
  const executed = { runKtxSemanticQuery: async () => ({ ...compiled, result }) };

  it('prints only the SQL', async () => {
    expect((await run(query, plain)).stdout).toBe('SELECT COUNT(*) AS orders\n');
    expect((await run({ ...query, format: 'sql' }, plain)).stdout).toBe('SELECT COUNT(*) AS orders\n');
  });

  it('prints the rows with --execute, and the SQL before them with --format sql', async () => {
    const rows = 'orders\n     7\n(1 row)\n';
    expect((await run({ ...query, execute: true }, executed)).stdout).toBe(rows);
    const both = await run({ ...query, execute: true, format: 'sql' }, executed);
    expect(both.stdout).toBe(`SELECT COUNT(*) AS orders\n\n${rows}`);
  });

  it('prints warnings of the plan to stderr, except that of the limit', async () => {
    const limit =
      'Only the first 1000 groups, ordered by the dimensions, are in the result; a larger `limit` gives more';
    const warnings = ['A row counts in several groups', limit];
    const plan = { ...compiled.plan, warnings, limit_warning: limit };
    const runKtxSemanticQuery = async () => ({ ...compiled, plan });
    const { stdout, stderr } = await run(query, { runKtxSemanticQuery });
    expect(stdout).toBe('SELECT COUNT(*) AS orders\n');
    expect(stderr).toContain('Warning: A row counts in several groups\n');
    expect(stderr).not.toContain('Only the first');
    const json = await run({ ...query, json: true }, { runKtxSemanticQuery });
    expect(json.stderr).not.toContain('Warning');
  });

  it('prints one document with --json', async () => {
    const { stdout } = await run({ ...query, execute: true, json: true }, executed);
    expect(JSON.parse(stdout)).toEqual({ ...compiled, result });
  });

  it('prints the rows alone in another format, and a limit that cut them to stderr', async () => {
    const args = { ...query, execute: true, format: 'csv' } as const;
    expect(await run(args, executed)).toMatchObject({ stdout: 'orders\n7\n', stderr: 'Querying warehouse\n' });
    const cut = { ...result, truncated: true, truncatedBy: 'rows' as const };
    const truncated = await run(args, { runKtxSemanticQuery: async () => ({ ...compiled, result: cut }) });
    expect(truncated.stdout).toBe('orders\n7\n');
    expect(truncated.stderr).toContain('1 row shown, more available: raise --max-rows\n');
  });
});

describe('the count of all rows', () => {
  it('is asked for on request, and printed beside the rows', async () => {
    const runKtxSemanticQuery = vi.fn(async (_: unknown) => ({ ...compiled, result, totalRows: 1234 }));
    const args = { ...query, execute: true, count: true } as const;
    const { stdout, stderr } = await run(args, { runKtxSemanticQuery });
    expect(runKtxSemanticQuery).toHaveBeenCalledWith(expect.objectContaining({ execute: true, count: true }));
    expect([stdout, stderr]).toEqual(['orders\n     7\n(1 row)\n', 'Querying warehouse\n1234 rows in all\n']);
    const unknown = await run(args, { runKtxSemanticQuery: async () => ({ ...compiled, result }) });
    expect(unknown.stderr).toContain('cannot be counted');
  });
});

describe('explain', () => {
  it('says how the numbers are computed, without running the query', async () => {
    const runKtxSemanticQuery = vi.fn(async (_: unknown) => compiled);
    const args: KtxSlArgs = { ...common, command: 'explain', query: { measures: ['orders.count'] } };
    const { stdout } = await run(args, { runKtxSemanticQuery });
    expect(runKtxSemanticQuery.mock.calls[0]?.[0]).not.toHaveProperty('execute');
    expect(stdout).toBe('Sources\n  orders\nSQL\nSELECT COUNT(*) AS orders\n');
    expect(JSON.parse((await run({ ...args, json: true }, { runKtxSemanticQuery })).stdout)).toEqual(compiled);
  });
});

describe('validate', () => {
  const found = {
    connectionId: 'warehouse',
    sources: ['orders'],
    valid: false,
    errors: ['orders: there is no column x'],
    warnings: ['orders: A path from orders is ambiguous'],
    perSourceWarnings: { orders: ['A path from orders is ambiguous', 'It has no grain'] },
  };
  const args: KtxSlArgs = { ...common, command: 'validate', names: ['orders'] };

  it('prints every problem, and exits with 1', async () => {
    const validateKtxSemanticSources = vi.fn(async (_: unknown) => found);
    const { code, stdout } = await run(args, { validateKtxSemanticSources });
    expect(validateKtxSemanticSources).toHaveBeenCalledWith(expect.objectContaining({ names: ['orders'] }));
    expect(code).toBe(1);
    expect(stdout).toBe(
      [
        'Error: orders: there is no column x',
        'Warning: orders: A path from orders is ambiguous',
        'Warning: orders: It has no grain',
        'Not valid: 1 semantic source of warehouse (1 error, 2 warnings)',
        '',
      ].join('\n'),
    );
  });

  it('exits with 1 with --json as well', async () => {
    const { code, stdout } = await run({ ...args, json: true }, { validateKtxSemanticSources: async () => found });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual(found);
  });
});

describe('list and generate', () => {
  it('lists the sources of all connections by default, and invalid files', async () => {
    const source = {
      connectionId: 'warehouse',
      name: 'orders',
      path: 'semantic-layer/warehouse/orders.yaml',
      description: null,
      table: 'main.orders',
      columns: ['id', 'amount'],
      measures: ['count'],
      segments: [],
      joins: ['customers'],
      error: null,
    };
    const invalid = { ...source, name: 'x', error: 'semantic-layer/warehouse/x.yaml:1:1: the key name is missing' };
    const listKtxSemanticSources = vi.fn(async (_: unknown) => [source, invalid]);
    const { stdout } = await run({ command: 'list', projectDir: '/shop' }, { listKtxSemanticSources });
    expect(listKtxSemanticSources).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop' });
    expect(stdout).toMatch(
      /^SOURCE +CONNECTION +READS +COLUMNS +MEASURES +JOINS\norders +warehouse +main\.orders +2 +1 /,
    );
    expect(stdout).toContain('\nInvalid: semantic-layer/warehouse/x.yaml:1:1: the key name is missing\n');
    const metric = { name: 'rate', expr: 'orders.count / visits.count' };
    const readKtxSemanticModel = async () => ({ metrics: [metric], calendar: {} });
    const list: KtxSlArgs = { command: 'list', projectDir: '/shop' };
    const withMetrics = await run(list, { listKtxSemanticSources, readKtxSemanticModel });
    expect(withMetrics.stdout).toContain('\nMetric: rate = orders.count / visits.count\nInvalid: ');
    const broken = Object.assign(new Error('semantic-layer/metrics.yaml:1:1: no'), { code: 'KTX_SEMANTIC_INVALID' });
    const withError = await run(list, { listKtxSemanticSources, readKtxSemanticModel: () => Promise.reject(broken) });
    expect(withError.stdout).toContain('\nInvalid: semantic-layer/metrics.yaml:1:1: no\n');
    const json = await run({ ...list, json: true }, { listKtxSemanticSources, readKtxSemanticModel });
    expect(JSON.parse(json.stdout)).toEqual({ sources: [source, invalid], metrics: [metric] });
    const none = await run({ command: 'list', projectDir: '/shop' }, { listKtxSemanticSources: async () => [] });
    expect(none.stdout).toBe('No semantic sources yet: generate them with ktx sl generate\n');
  });

  it('counts unchanged sources, and lists them with --all and as CSV', async () => {
    const source = { path: 'x.yaml', addedColumns: [], addedJoins: [], removedColumns: [], note: null };
    const sources = [
      { ...source, name: 'same', action: 'unchanged' as const },
      { ...source, name: 'new', action: 'created' as const },
    ];
    const generation = { connectionId: 'warehouse', syncId: '2026-a', sources, warnings: [] };
    const generate = (flags: object) =>
      run({ ...common, command: 'generate', ...flags }, { generateKtxSemanticSources: async () => generation });
    const short = (await generate({})).stdout;
    expect(short).toMatch(/\nnew +created +x\.yaml\n1 unchanged source; list all with --all\n$/);
    expect((await generate({ all: true })).stdout).toMatch(/\nsame +unchanged +x\.yaml\n$/);
    const header = 'source,action,file\n';
    expect((await generate({ format: 'csv' })).stdout).toBe(`${header}new,created,x.yaml\nsame,unchanged,x.yaml\n`);
  });

  it('prints the action for each source, changes first', async () => {
    const generatedSource = (name: string, action: 'kept' | 'extended' | 'blocked') => ({
      name,
      path: `semantic-layer/warehouse/${name}.yaml`,
      action,
      addedColumns: action === 'extended' ? ['a', 'b'] : [],
      addedJoins: action === 'extended' ? ['c_id = c.id'] : [],
      removedColumns: action === 'kept' ? ['old'] : [],
      note: action === 'blocked' ? 'Add by hand: x' : null,
    });
    const sources = [
      generatedSource('one', 'kept'),
      generatedSource('two', 'blocked'),
      generatedSource('three', 'extended'),
    ];
    const warnings = ['b has no column c'];
    const generated = { connectionId: 'warehouse', syncId: '2026-a', sources, warnings };
    const generateKtxSemanticSources = async () => generated;
    const { stdout } = await run({ ...common, command: 'generate' }, { generateKtxSemanticSources });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('Generated 3 semantic sources of warehouse from the scan 2026-a');
    expect(lines.slice(2, 5).map((line) => line.split(' ')[0])).toEqual(['three', 'two', 'one']);
    expect(lines.slice(5)).toEqual([
      'three: added a, b',
      'three: added the join c_id = c.id',
      'two: Add by hand: x',
      'one: columns missing in the table: old',
      'Warning: b has no column c',
      '',
    ]);
  });
});

describe('read', () => {
  const summary = (connectionId: string, name: string) => ({
    connectionId,
    name,
    path: '',
    description: null,
    table: null,
    columns: [],
    measures: [],
    segments: [],
    joins: [],
    error: null,
  });
  const file = (text: string) => ({ connectionId: 'b', name: 'orders', path: 'o.yaml', source: {} as never, text });
  const args: KtxSlArgs = { command: 'read', projectDir: '/shop', name: 'orders' };

  it('prints the file of the connection that has the source', async () => {
    const readKtxSemanticSource = vi.fn(async (_: unknown) => file('name: orders # \u001b[2J\n'));
    const listKtxSemanticSources = async () => [summary('a', 'customers'), summary('b', 'orders')];
    const deps = { readKtxSemanticSource, listKtxSemanticSources };
    expect((await run(args, deps)).stdout).toBe('name: orders # \u001b[2J\n');
    expect(readKtxSemanticSource).toHaveBeenCalledWith({ projectDir: '/shop', connectionId: 'b', name: 'orders' });
    expect(JSON.parse((await run({ ...args, json: true }, deps)).stdout)).toMatchObject({ path: 'o.yaml' });
  });

  it('prints a metric if no source has the name', async () => {
    const metric = { name: 'rate', expr: 'a.x / b.y', synonyms: ['share', 'ratio'] };
    const readKtxSemanticModel = async () => ({ metrics: [metric], calendar: {} });
    const deps = { readKtxSemanticModel, listKtxSemanticSources: async () => [summary('a', 'customers')] };
    const { stdout } = await run({ ...args, name: 'rate' }, deps);
    expect(stdout).toBe('name: rate\nexpr: a.x / b.y\nsynonyms: share, ratio\n');
    expect(JSON.parse((await run({ ...args, name: 'rate', json: true }, deps)).stdout)).toEqual(metric);
  });

  it('escapes control characters on a terminal', async () => {
    let screen = '';
    const io = makeIo({ stdout: { write: (text) => (screen += text), isTTY: true } }).io;
    const readKtxSemanticSource = async () => file('name: orders # \u001b[2J\n');
    const deps = { loadKtxProject: async () => project(), readKtxSemanticSource };
    await runKtxSl({ ...args, connectionId: 'b' }, io, deps);
    expect(screen).toBe('name: orders # \\u001b[2J\n');
  });

  it('is an error with the choices if several connections have the source', async () => {
    const listKtxSemanticSources = async () => [summary('a', 'orders'), summary('b', 'orders')];
    await expect(run(args, { listKtxSemanticSources })).rejects.toMatchObject({
      code: 'KTX_ARGUMENT_INVALID',
      message: 'Several connections have a semantic source orders: a, b',
    });
  });
});
