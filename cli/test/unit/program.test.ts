import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runKtxCli } from '../../src/cli.js';
import { InterruptedError } from '../../src/errors.js';
import { makeIo } from '../support/io.js';

let dir: string;

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'ktx-cli-')));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

/** Mocks every command group, to test the routing alone. */
function mockCommands() {
  const group = () => vi.fn(async () => 0);
  return {
    cliVersion: '0.0.0-test',
    connection: group(),
    ingest: group(),
    init: group(),
    runtime: group(),
    scan: group(),
    serve: group(),
    setup: group(),
    sl: group(),
    sql: group(),
    table: group(),
  };
}

describe('scan', () => {
  const run = {
    command: 'run',
    connectionId: 'warehouse',
    mode: 'structural',
    detectRelationships: false,
    dryRun: false,
    cliVersion: '0.0.0-test',
    runtimeInstallPolicy: 'prompt',
  };

  it.each([
    ['before the command', (to: string) => ['--project-dir', to, 'scan', 'warehouse']],
    ['after the command', (to: string) => ['scan', 'warehouse', '--project-dir', to]],
    ['under the earlier name', (to: string) => ['--project-dir', to, 'dev', 'scan', 'warehouse']],
    ['under the earlier name, after it', (to: string) => ['dev', 'scan', 'warehouse', '--project-dir', to]],
  ])('accepts --project-dir %s', async (_, argv) => {
    const { io } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(argv(dir), io, deps)).toBe(0);
    expect(deps.scan).toHaveBeenCalledExactlyOnceWith({ ...run, projectDir: dir }, io);
    expect(deps.scan.mock.calls[0]?.at(1)).toBe(io);
  });

  it('maps the flags of a run to arguments', async () => {
    const { io } = makeIo();
    const deps = mockCommands();
    const url = 'http://127.0.0.1:8765';
    const argv = ['scan', 'warehouse', '--project-dir', dir, '--dry-run', '--json', '--yes'];
    await runKtxCli([...argv, '--database-introspection-url', url], io, deps);
    expect(deps.scan).toHaveBeenCalledWith(
      {
        ...run,
        projectDir: dir,
        dryRun: true,
        json: true,
        databaseIntrospectionUrl: url,
        runtimeInstallPolicy: 'auto',
      },
      io,
    );
  });

  it.each(['nonsense', 'ftp://127.0.0.1/', ''])('rejects the URL %j with the name of its option', async (url) => {
    const { io, stderr } = makeIo();
    const deps = mockCommands();
    const argv = ['scan', 'warehouse', '--project-dir', dir, '--database-introspection-url', url];
    expect(await runKtxCli(argv, io, deps)).toBe(1);
    expect(deps.scan).not.toHaveBeenCalled();
    expect(stderr()).toMatch(/^Error: --database-introspection-url is not an http or https URL\nNext: Set it to one/);
  });

  it('maps --no-input, and rejects it together with --yes', async () => {
    const never = makeIo();
    const both = makeIo();
    const deps = mockCommands();
    const argv = ['--project-dir', dir, 'scan', 'warehouse', '--no-input'];
    expect(await runKtxCli(argv, never.io, deps)).toBe(0);
    expect(await runKtxCli([...argv, '--yes'], both.io, deps)).toBe(1);
    expect(deps.scan).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ runtimeInstallPolicy: 'never' }),
      never.io,
    );
    expect(both.stderr()).toContain('Error: Choose only one runtime install mode: --yes or --no-input\n');
    expect(both.stdout()).toBe('');
  });

  it('finds the nearest project upwards', async () => {
    await writeFile(join(dir, 'ktx.yaml'), 'project: shop\n');
    const nested = join(dir, 'models', 'größe');
    await mkdir(nested, { recursive: true });
    const { io } = makeIo({ cwd: nested });
    const deps = mockCommands();
    expect(await runKtxCli(['scan', 'warehouse'], io, deps)).toBe(0);
    expect(deps.scan).toHaveBeenCalledWith(expect.objectContaining({ projectDir: dir }), io);
  });

  it('prints the next step if there is no project', async () => {
    const { io, stderr } = makeIo({ cwd: dir });
    const deps = mockCommands();
    expect(await runKtxCli(['scan', 'warehouse'], io, deps)).toBe(1);
    expect(deps.scan).not.toHaveBeenCalled();
    expect(stderr()).toMatch(/^Error: .*ktx\.yaml[\s\S]*: ktx init/);
  });

  it('resolves a relative --project-dir against the working folder, and rejects an empty one', async () => {
    const { io } = makeIo({ cwd: dir });
    const empty = makeIo({ cwd: dir });
    const deps = mockCommands();
    await runKtxCli(['scan', 'status', '--project-dir', 'shop'], io, deps);
    expect(deps.scan).toHaveBeenCalledExactlyOnceWith({ command: 'status', projectDir: join(dir, 'shop') }, io);
    expect(await runKtxCli(['scan', 'status', '--project-dir', ''], empty.io, deps)).toBe(1);
    expect(empty.stderr()).toContain('Error: --project-dir needs a folder\n');
  });

  it('routes status and report', async () => {
    const { io } = makeIo();
    const deps = mockCommands();
    const inDir = ['--project-dir', dir];
    await runKtxCli([...inDir, 'scan', 'status', 'run-1', '--json'], io, deps);
    await runKtxCli([...inDir, 'scan', 'report', 'run-1', '--json'], io, deps);
    await runKtxCli([...inDir, 'dev', 'scan', 'report', 'run-1'], io, deps);
    expect(deps.scan.mock.calls.map((call) => call.at(0))).toEqual([
      { command: 'status', projectDir: dir, runId: 'run-1', json: true },
      { command: 'report', projectDir: dir, runId: 'run-1', json: true },
      { command: 'report', projectDir: dir, runId: 'run-1' },
    ]);
  });

  it('routes prune, whose flags the group has as well', async () => {
    const { io, stderr } = makeIo();
    const deps = mockCommands();
    const prune = (...argv: string[]) => runKtxCli(['--project-dir', dir, 'scan', 'prune', ...argv], io, deps);
    await prune('--keep', '3', '--dry-run');
    await prune('local', '--keep', '1', '--yes', '--json');
    expect(deps.scan.mock.calls.map((call) => call.at(0))).toEqual([
      { command: 'prune', projectDir: dir, keep: 3, dryRun: true, yes: false },
      { command: 'prune', projectDir: dir, connectionId: 'local', keep: 1, dryRun: false, yes: true, json: true },
    ]);
    expect(await prune('--yes')).toBe(1);
    expect(await prune('--keep', '0')).toBe(1);
    expect(await prune('--keep', '1', '--profile')).toBe(1);
    expect(deps.scan).toHaveBeenCalledTimes(2);
    expect(stderr()).toContain("required option '--keep <n>' not specified");
  });

  it('rejects the flags of a run on status', async () => {
    const { io, stderr } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(['--project-dir', dir, 'scan', 'status', '--dry-run'], io, deps)).toBe(1);
    expect(deps.scan).not.toHaveBeenCalled();
    expect(stderr()).toContain("Error: unknown option '--dry-run'\nNext: See the usage with: ktx scan status --help");
  });
});

describe('ingest', () => {
  const words = ['ingest', 'run', '--connection-id', 'warehouse', '--adapter', 'looker'];
  const run = {
    command: 'run',
    connectionId: 'warehouse',
    adapter: 'looker',
    cliVersion: '0.0.0-test',
    runtimeInstallPolicy: 'prompt',
    outputMode: 'plain',
  };

  it.each([
    ['before the command', (to: string) => ['--project-dir', to, ...words]],
    ['after the command', (to: string) => [...words, '--project-dir', to]],
    ['under the earlier name', (to: string) => ['dev', ...words, '--project-dir', to]],
  ])('accepts --project-dir %s', async (_, argv) => {
    const { io } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(argv(dir), io, deps)).toBe(0);
    expect(deps.ingest).toHaveBeenCalledExactlyOnceWith({ ...run, projectDir: dir }, io);
    expect(deps.ingest.mock.calls[0]?.at(1)).toBe(io);
  });

  it('maps the flags of a run to arguments', async () => {
    const { io } = makeIo({ cwd: dir });
    const deps = mockCommands();
    const url = 'http://127.0.0.1:8765';
    const flags = ['--source-dir', 'staged', '--json', '--no-input', '--database-introspection-url', url];
    await runKtxCli([...words, '--project-dir', dir, ...flags], io, deps);
    expect(deps.ingest).toHaveBeenCalledExactlyOnceWith(
      {
        ...run,
        projectDir: dir,
        sourceDir: join(dir, 'staged'),
        databaseIntrospectionUrl: url,
        runtimeInstallPolicy: 'never',
        outputMode: 'json',
      },
      io,
    );
  });

  it('routes status and report', async () => {
    const { io } = makeIo();
    const deps = mockCommands();
    const inDir = ['--project-dir', dir];
    await runKtxCli([...inDir, 'ingest', 'status'], io, deps);
    await runKtxCli([...inDir, 'ingest', 'status', 'run-1', '--json'], io, deps);
    await runKtxCli([...inDir, 'dev', 'ingest', 'report', 'run-1'], io, deps);
    expect(deps.ingest.mock.calls.map((call) => call.at(0))).toEqual([
      { command: 'status', projectDir: dir, outputMode: 'plain' },
      { command: 'status', projectDir: dir, runId: 'run-1', outputMode: 'json' },
      { command: 'report', projectDir: dir, runId: 'run-1', outputMode: 'plain' },
    ]);
  });

  it.each([
    [['run', '--connection-id', 'warehouse'], "required option '--adapter <adapter>' not specified"],
    [['report'], "missing required argument 'run'"],
  ])('%j fails with one message', async (argv, sentence) => {
    const { io, stderr } = makeIo();
    expect(await runKtxCli(['ingest', ...argv], io, mockCommands())).toBe(1);
    expect(stderr()).toBe(`Error: ${sentence}\nNext: See the usage with: ktx ingest ${argv[0]} --help\n`);
  });
});

describe('serve', () => {
  const serve = {
    mcp: 'stdio',
    userId: 'local',
    semanticCompute: false,
    executeQueries: false,
    cliVersion: '0.0.0-test',
    runtimeInstallPolicy: 'prompt',
  };

  it('routes the flags', async () => {
    const { io } = makeIo();
    const deps = mockCommands();
    const argv = ['serve', '--mcp', 'stdio', '--project-dir', dir];
    const [compute, introspect] = ['http://127.0.0.1:8766', 'http://127.0.0.1:8765'];
    await runKtxCli(argv, io, deps);
    const urls = ['--semantic-compute-url', compute, '--database-introspection-url', introspect];
    await runKtxCli(
      [...argv, '--semantic-compute', '--execute-queries', '--user-id', 'ada', '--yes', ...urls],
      io,
      deps,
    );
    expect(deps.serve.mock.calls.map((call) => call.at(0))).toEqual([
      { ...serve, projectDir: dir },
      {
        ...serve,
        projectDir: dir,
        userId: 'ada',
        semanticCompute: true,
        semanticComputeUrl: compute,
        databaseIntrospectionUrl: introspect,
        executeQueries: true,
        runtimeInstallPolicy: 'auto',
      },
    ]);
  });

  it.each([
    [[], "required option '--mcp <transport>' not specified"],
    [['--mcp', 'sse'], "argument 'sse' is invalid"],
    [['--mcp', 'stdio', '--port', '80'], '--port needs --mcp http'],
    [['--mcp', 'http', '--port', '65536'], '--port is not a number from 0 to 65535'],
    [['--mcp', 'http', '--host', 'example.com'], '--host is not an IP address'],
    [['--mcp', 'http', '--host', '0.0.0.0'], '--host 0.0.0.0 accepts requests for no name but localhost'],
    [['--mcp', 'http', '--public-url', 'x'], '--public-url is not an http or https URL'],
    [['--mcp', 'stdio', '--yes', '--no-input'], 'Choose only one runtime install mode: --yes or --no-input'],
    [['--mcp', 'stdio', '--semantic-compute-url', 'x'], '--semantic-compute-url is not an http or https URL'],
  ])('rejects %j, with nothing on stdout', async (argv, sentence) => {
    const { io, stdout, stderr } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(['serve', ...argv, '--project-dir', dir], io, deps)).toBe(1);
    expect(deps.serve).not.toHaveBeenCalled();
    expect(stderr()).toContain(sentence);
    expect(stdout()).toBe('');
  });
});

describe('runtime', () => {
  it.each([
    [['install'], { command: 'install', feature: 'core', force: false }],
    [
      ['install', '--feature', 'local-embeddings', '--force', '--yes'],
      { command: 'install', feature: 'local-embeddings', force: true },
    ],
    [['status', '--json'], { command: 'status', json: true }],
    [['doctor'], { command: 'doctor' }],
    [['start', '--no-input'], { command: 'start', feature: 'core', force: false, installPolicy: 'never' }],
    [['stop'], { command: 'stop', all: false }],
    [['stop', '--all'], { command: 'stop', all: true }],
    [['logs', '--follow'], { command: 'logs', follow: true }],
    [['prune', '--dry-run'], { command: 'prune', dryRun: true, yes: false }],
    [['prune', '--yes'], { command: 'prune', dryRun: false, yes: true }],
  ])('routes %j', async (words, args) => {
    const { io } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(['runtime', ...words], io, deps)).toBe(0);
    expect(deps.runtime).toHaveBeenCalledExactlyOnceWith({ cliVersion: '0.0.0-test', ...args }, io);
  });

  it.each(['install', 'start'])('%s rejects --yes together with --no-input', async (command) => {
    const { io, stderr } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(['runtime', command, '--yes', '--no-input'], io, deps)).toBe(1);
    expect(deps.runtime).not.toHaveBeenCalled();
    expect(stderr()).toContain('Choose only one runtime install mode: --yes or --no-input');
  });
});

describe('sl', () => {
  const common = { projectDir: '/shop', cliVersion: '0.0.0-test', installPolicy: 'prompt' };
  const where = ['--project-dir', '/shop'];

  it.each([
    [['list'], { command: 'list', projectDir: '/shop' }],
    [
      ['list', '--connection-id', 'a', '--json'],
      { command: 'list', projectDir: '/shop', connectionId: 'a', json: true },
    ],
    [['validate'], { command: 'validate', ...common, names: [] }],
    [['validate', 'a', 'b', '--yes'], { command: 'validate', ...common, names: ['a', 'b'], installPolicy: 'auto' }],
    [['generate', '--connection-id', 'a'], { command: 'generate', ...common, connectionId: 'a' }],
    [
      ['query', '--measure', 'orders.count'],
      { command: 'query', ...common, query: { measures: ['orders.count'] }, execute: false },
    ],
  ])('routes %j', async (words, args) => {
    const { io } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(['sl', ...words, ...where], io, deps)).toBe(0);
    expect(deps.sl).toHaveBeenCalledExactlyOnceWith(args, io);
  });

  it('converts the flags of a query into a semantic query', async () => {
    const { io } = makeIo();
    const deps = mockCommands();
    const flags = [
      ...['--measure', 'orders.revenue', '--measure', 'sum(orders.amount)', '--dimension', 'customers.segment'],
      ...['--dimension', 'orders.ordered_at:month', '--dimension', 'odd:name', '--filter', "a.b = 'c:month'"],
      ...['--segment', 'orders.paid', '--order-by', 'orders.revenue:desc', '--limit', '5'],
      ...['--format', 'sql', '--execute', '--max-rows', '7'],
    ];
    await runKtxCli(['sl', 'query', ...flags, ...where], io, deps);
    expect(deps.sl).toHaveBeenCalledWith(
      {
        command: 'query',
        ...common,
        query: {
          measures: ['orders.revenue', 'sum(orders.amount)'],
          dimensions: ['customers.segment', { field: 'orders.ordered_at', granularity: 'month' }, 'odd:name'],
          filters: ["a.b = 'c:month'"],
          segments: ['orders.paid'],
          order_by: ['orders.revenue:desc'],
          limit: 5,
        },
        execute: true,
        format: 'sql',
        maxRows: 7,
      },
      io,
    );
  });

  it('reads names of measures, dimensions without measures, and empty groups', async () => {
    const deps = mockCommands();
    const queried = async (...flags: string[]) => {
      expect(await runKtxCli(['sl', 'query', ...flags, ...where], makeIo().io, deps)).toBe(0);
      return (deps.sl.mock.lastCall as unknown as [{ query: unknown }])[0].query;
    };
    expect(
      await queried('--measure', 'sum(orders.amount) as revenue', '--measure', 'orders.count AS "My orders"'),
    ).toEqual({ measures: [{ expr: 'sum(orders.amount)', name: 'revenue' }, 'orders.count AS "My orders"'] });
    expect(await queried('--measure', 'sum(cast(orders.amount as int))')).toEqual({
      measures: ['sum(cast(orders.amount as int))'],
    });
    expect(await queried('--measure', 'sum(cast(orders.amount as int)) as whole')).toEqual({
      measures: [{ expr: 'sum(cast(orders.amount as int))', name: 'whole' }],
    });
    expect(await queried('--dimension', 'customers.name', '--include-empty')).toEqual({
      dimensions: ['customers.name'],
      include_empty: true,
    });
  });

  it('reads a query from a file and from standard input', async () => {
    const deps = mockCommands();
    const query = { measures: ['orders.count'], limit: null };
    await writeFile(join(dir, 'q.yaml'), '# monthly\nmeasures: [orders.count]\nlimit: null\n');
    const stdin = Readable.from([Buffer.from('{"measures":'), Buffer.from('["orders.count"],"limit":null}')]);
    const io = makeIo({ cwd: dir, stdin }).io;
    for (const file of ['q.yaml', '-']) {
      expect(await runKtxCli(['sl', 'query', '--query-file', file, ...where], io, deps)).toBe(0);
      expect(deps.sl).toHaveBeenLastCalledWith(expect.objectContaining({ query }), io);
    }
    const { io: broken, stderr } = makeIo({ stdin: Readable.from(['- 1\n']) });
    expect(await runKtxCli(['sl', 'query', '--query-file', '-', ...where], broken, deps)).toBe(1);
    expect(stderr()).toContain('Error: The standard input:1:1: expected keys and values\n');
  });

  it.each([
    [['query'], 'Error: The query selects nothing\nNext: Add --measure or --dimension, or a whole query with'],
    [['query', '--measure', 'a.b', '--limit', '0'], 'It must be an integer of at least 1'],
    [['query', '--measure', 'a.b', '--format', 'xml'], 'Allowed choices are sql, table, csv, tsv, json, markdown'],
    [['query', '--measure', 'a.b', '--format', 'csv'], 'which a query has with --execute only\nNext: Add --execute'],
    [['query', '--query-file', 'q.yaml', '--measure', 'a.b'], "'--query-file <file>' cannot be used with option"],
    [['query', '--query-file', 'none.yaml'], 'ENOENT'],
    [['list', '--json', '--format', 'csv'], 'Choose only one output format: --json or --format'],
  ])('rejects %j', async (words, sentence) => {
    const { io, stderr } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(['sl', ...words, ...where], io, deps)).toBe(1);
    expect(stderr()).toContain(sentence);
    expect(deps.sl).not.toHaveBeenCalled();
  });
});

describe('sql', () => {
  const args = { projectDir: '/shop', cliVersion: '0.0.0-test', installPolicy: 'prompt', sql: 'SELECT 1' };
  const where = ['--project-dir', '/shop'];

  it('reads the statement from the argument, a file and standard input', async () => {
    const deps = mockCommands();
    await writeFile(join(dir, 'q.sql'), 'SELECT 1');
    for (const words of [['SELECT 1'], ['--file', 'q.sql'], ['-'], ['--file', '-']]) {
      const { io } = makeIo({ cwd: dir, stdin: Readable.from(['SELECT', ' 1']) });
      expect(await runKtxCli(['sql', ...words, ...where], io, deps)).toBe(0);
      expect(deps.sql).toHaveBeenLastCalledWith(args, io);
    }
    const { io } = makeIo();
    const flags = ['--connection-id', 'a', '--max-rows', '5', '--format', 'tsv', '--trust', '--yes'];
    expect(await runKtxCli(['sql', 'SELECT 1', ...flags, ...where], io, deps)).toBe(0);
    const parsed = { connectionId: 'a', maxRows: 5, format: 'tsv', trust: 'always', installPolicy: 'auto' };
    expect(deps.sql).toHaveBeenLastCalledWith({ ...args, ...parsed }, io);
  });

  it.each([
    [[], 'Error: There is no statement to run\nNext: Add one: ktx sql "SELECT 1"\n'],
    [[' '], 'Error: There is no statement to run\n'],
    [['-'], 'Error: There is no statement to run\n'],
    [['SELECT 1', '--file', 'q.sql'], 'Error: Choose only one statement: the argument or --file\n'],
  ])('rejects %j', async (words, message) => {
    const { io, stderr } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(['sql', ...words, ...where], io, deps)).toBe(1);
    expect(stderr()).toContain(message);
    expect(deps.sql).not.toHaveBeenCalled();
  });
});

describe('other groups', () => {
  it('routes tables', async () => {
    const { io } = makeIo();
    const deps = mockCommands();
    await runKtxCli(['table', '--project-dir', dir], io, deps);
    await runKtxCli(['table', 'main.orders', '--connection-id', 'a', '--json', '--project-dir', dir], io, deps);
    await runKtxCli(['table', 'orders', '--format', 'table', '--project-dir', dir], io, deps);
    expect(deps.table.mock.calls.map((call) => call.at(0))).toEqual([
      { projectDir: dir },
      { projectDir: dir, name: 'main.orders', connectionId: 'a', json: true },
      { projectDir: dir, name: 'orders' },
    ]);
  });

  it('routes init with a folder, with --project-dir, and with neither', async () => {
    const { io } = makeIo({ cwd: dir });
    const deps = mockCommands();
    await runKtxCli(['init', 'shop', '--name', 'Shop'], io, deps);
    await runKtxCli(['init', '--project-dir', 'other'], io, deps);
    await runKtxCli(['init'], io, deps);
    expect(deps.init.mock.calls.map((call) => call.at(0))).toEqual([
      { projectDir: join(dir, 'shop'), projectName: 'Shop' },
      { projectDir: join(dir, 'other') },
      { projectDir: dir },
    ]);
  });

  it('routes connections', async () => {
    const { io } = makeIo();
    const deps = mockCommands();
    await runKtxCli(['connection', 'list', '--project-dir', dir], io, deps);
    await runKtxCli(['connection', 'test', 'warehouse', '--yes', '--project-dir', dir], io, deps);
    expect(deps.connection.mock.calls.map((call) => call.at(0))).toEqual([
      { command: 'list', projectDir: dir },
      {
        command: 'test',
        projectDir: dir,
        connectionId: 'warehouse',
        all: false,
        cliVersion: '0.0.0-test',
        installPolicy: 'auto',
      },
    ]);
  });

  it('routes changes of connections without secrets on the command line', async () => {
    const { io } = makeIo();
    const deps = mockCommands();
    const flags = ['--host', 'h', '--port', '5433', '--password-env', 'PW', '--schema', 'a', 'b', '--no-test'];
    await runKtxCli(['connection', 'add', 'w', '--driver', 'postgres', ...flags, '--project-dir', dir], io, deps);
    expect(deps.connection.mock.calls[0]?.at(0)).toMatchObject({
      command: 'add',
      connectionId: 'w',
      keys: { driver: 'postgres', host: 'h', port: 5433, schemas: ['a', 'b'] },
      secret: { kind: 'reference', reference: 'env:PW' },
      test: false,
      force: false,
    });
  });

  it('passes the environment of --env to the commands', async () => {
    const { io } = makeIo();
    await runKtxCli(['connection', 'list', '--env', 'prod', '--project-dir', dir], io, mockCommands());
    expect(io.environment).toBe('prod');
  });

  it('sets up the demo in ./ktx-demo by default', async () => {
    const { io } = makeIo({ cwd: dir });
    const deps = mockCommands();
    await runKtxCli(['setup', 'demo'], io, deps);
    await runKtxCli(['setup', 'demo', '--project-dir', 'shop', '--json', '--yes'], io, deps);
    const common = { command: 'demo', cliVersion: '0.0.0-test' };
    expect(deps.setup.mock.calls.map((call) => call.at(0))).toEqual([
      { ...common, projectDir: join(dir, 'ktx-demo'), installPolicy: 'prompt' },
      { ...common, projectDir: join(dir, 'shop'), installPolicy: 'auto', json: true },
    ]);
  });
});

describe('exit codes and failures', () => {
  it('returns the exit code of the command', async () => {
    const { io } = makeIo();
    expect(await runKtxCli(['runtime', 'doctor'], io, { ...mockCommands(), runtime: async () => 1 })).toBe(1);
  });

  it('prints version and help to stdout', async () => {
    const version = makeIo();
    const help = makeIo();
    expect(await runKtxCli(['--version'], version.io, mockCommands())).toBe(0);
    expect(await runKtxCli(['scan', '--help'], help.io, mockCommands())).toBe(0);
    expect(version.stdout()).toBe('0.0.0-test\n');
    expect(help.stdout()).toContain('--project-dir');
    expect(version.stderr() + help.stderr()).toBe('');
  });

  it.each([
    [['help'], ['--help']],
    [
      ['help', 'scan'],
      ['scan', '--help'],
    ],
    [
      ['help', 'sl', 'query'],
      ['sl', 'query', '--help'],
    ],
  ])('%j prints the same as %j', async (words, flags) => {
    const [asCommand, asFlag] = [makeIo(), makeIo()];
    expect(await runKtxCli(words, asCommand.io, mockCommands())).toBe(0);
    expect(await runKtxCli(flags, asFlag.io, mockCommands())).toBe(0);
    expect(asCommand.stdout()).toBe(asFlag.stdout());
    expect(asCommand.stderr()).toBe('');
  });

  it.each([
    [['help', 'scna'], "'scna' (Did you mean scan?)", 'ktx --help'],
    [['help', 'sl', 'qeury'], "'qeury' (Did you mean query?)", 'ktx sl --help'],
    [['help', 'sl', 'nonsense'], "'nonsense'", 'ktx sl --help'],
    [['help', 'scan', 'warehouse'], "'warehouse'", 'ktx scan --help'],
  ])('%j fails, and suggests the nearest command', async (argv, word, next) => {
    const { io, stdout, stderr } = makeIo();
    const deps = mockCommands();
    expect(await runKtxCli(argv, io, deps)).toBe(1);
    expect(stderr()).toBe(`Error: unknown command ${word}\nNext: See the commands with: ${next}\n`);
    expect(stdout()).toBe('');
    expect(deps.scan).not.toHaveBeenCalled();
  });

  it('shows the commands in the order of a first day on a screen of 24 lines', async () => {
    const { io, stdout } = makeIo({ stdout: { write: (text) => (screen += text), columns: 80 } });
    let screen = '';
    expect(await runKtxCli(['--help'], io, mockCommands())).toBe(0);
    expect(stdout()).toBe('');
    const lines = screen.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const titles = lines.filter((line) => /^[A-Z][a-z ]+:$/.test(line));
    expect(titles).toEqual(['Start:', 'Ask:', 'Connect agents:', 'Maintain:']);
    const commands = lines.flatMap((line) => /^ {2}(\w+) /.exec(line)?.[1] ?? []);
    expect(commands.slice(0, 3)).toEqual(['setup', 'init', 'connection']);
    expect(commands).toContain('help');
    expect(commands).not.toContain('dev');
  });

  it.each([[[]], [['sl', 'query']], [['runtime', 'install']]])('wraps the help of %j at 60 columns', async (words) => {
    let screen = '';
    const { io } = makeIo({ stdout: { write: (text) => (screen += text), columns: 60 } });
    expect(await runKtxCli([...words, '--help'], io, mockCommands())).toBe(0);
    expect(screen.split('\n').filter((line) => line.length > 60)).toEqual([]);
    expect(screen).toContain('Usage: ktx');
  });

  it('marks required options in the help, and shows only the options of the command', async () => {
    const help = async (...words: string[]) => {
      const { io, stdout } = makeIo();
      expect(await runKtxCli([...words, '--help'], io, mockCommands())).toBe(0);
      return stdout().replace(/\s+/g, ' ');
    };
    const run = await help('ingest', 'run');
    expect(run).toContain('connection in ktx.yaml (default: the only one that the adapter can pull from) ');
    expect(run).toContain('live-database, looker or historic-sql (required) ');
    expect(run.match(/\(required\)/g)).toHaveLength(1);
    // `scan` is a command and a group; its subcommands do not accept its flags.
    const status = await help('scan', 'status');
    expect(status).not.toContain('--dry-run');
    expect(status.match(/--json/g)).toHaveLength(1);
    expect(status).toContain('--project-dir');
  });

  it.each([
    [['scna'], "unknown command 'scna' (Did you mean scan?)", 'ktx --help'],
    [['scan', 'report'], "missing required argument 'run'", 'ktx scan report --help'],
    [['runtime', 'instal'], "unknown command 'instal' (Did you mean install?)", 'ktx runtime --help'],
    [['runtime', 'start', '--forc'], "unknown option '--forc' (Did you mean --force?)", 'ktx runtime start --help'],
    [
      ['sl', 'query', '--measures', 'x'],
      "unknown option '--measures' (Did you mean --measure?)",
      'ktx sl query --help',
    ],
    [['ingest', 'run'], "required option '--adapter <adapter>' not specified", 'ktx ingest run --help'],
    [
      ['runtime', 'install', '--feature', 'x'],
      "option '--feature <feature>' argument 'x' is invalid. Allowed choices are core, local-embeddings, bigquery, clickhouse, duckdb, snowflake, spark, spark-connect, sqlalchemy",
      'ktx runtime install --help',
    ],
  ])('rejects %j with one message', async (argv, sentence, next) => {
    const { io, stdout, stderr } = makeIo();
    expect(await runKtxCli(argv, io, mockCommands())).toBe(1);
    expect(stderr()).toBe(`Error: ${sentence}\nNext: See the usage with: ${next}\n`);
    expect(stdout()).toBe('');
  });

  it('prints the help of a group without a subcommand, and fails', async () => {
    const { io, stdout, stderr } = makeIo();
    expect(await runKtxCli(['runtime'], io, mockCommands())).toBe(1);
    expect(stdout()).toBe('');
    expect(stderr()).toContain('Usage: ktx runtime');
  });

  it('prints a failure as JSON to stdout with --json', async () => {
    const { io, stdout } = makeIo();
    expect(await runKtxCli(['scan', 'report', '--json'], io, mockCommands())).toBe(1);
    expect(JSON.parse(stdout())).toEqual({
      error: {
        code: 'KTX_ARGUMENT_INVALID',
        message: "missing required argument 'run'",
        hint: 'See the usage with: ktx scan report --help',
      },
    });
  });

  it.each([['--format', 'json'], ['--format=json']])('prints a failure as JSON with %s %s', async (...format) => {
    const { io, stdout } = makeIo({ cwd: dir });
    expect(await runKtxCli(['table', 'orders', ...format], io, mockCommands())).toBe(1);
    expect(JSON.parse(stdout())).toMatchObject({ error: { code: 'KTX_PROJECT_MISSING' } });
  });

  it('exits with 130 when the command was interrupted', async () => {
    const interruption = new AbortController();
    const { io, stderr } = makeIo({ signal: interruption.signal });
    const runtime = async () => {
      interruption.abort(new InterruptedError());
      throw new Error('failed during the interruption');
    };
    expect(await runKtxCli(['runtime', 'status'], io, { ...mockCommands(), runtime })).toBe(130);
    expect(stderr()).toBe('Error: Interrupted\n');
  });
});
