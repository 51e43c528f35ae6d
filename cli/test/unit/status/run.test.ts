import type { KtxAgentStatus, KtxProject, ManagedPythonDaemonStatus, ManagedPythonRuntimeStatus } from '@kaelio/ktx';
import { managedPythonRuntimeLayout } from '@kaelio/ktx';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { StatusCalls } from '../../../src/status/calls.js';
import type { ProjectStatus } from '../../../src/status/item.js';
import { runKtxStatus } from '../../../src/status/run.js';
import { makeIo } from '../../support/io.js';
import { connection, ktxError, project } from '../../support/projects.js';
import { scanReport } from '../../support/reports.js';
import { summary } from '../../support/sources.js';

/** Five minutes after the end of the example scan. */
const NOW = new Date('2026-05-11T12:05:01.500Z');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  return () => vi.useRealTimers();
});

const layout = managedPythonRuntimeLayout({ cliVersion: '0.2.0' });
const running = { kind: 'running', detail: '', layout } as ManagedPythonDaemonStatus;
const ready: ManagedPythonRuntimeStatus = { kind: 'ready', detail: '', layout };

const codex: KtxAgentStatus = {
  ...{ client: 'codex', title: 'Codex CLI', detected: true },
  installations: [{ scope: 'project', path: '/f', serverName: 'ktx', files: [] }],
};

/** A project in which everything works; `overrides` replaces functions. */
function statusCalls(overrides: Partial<StatusCalls> = {}): StatusCalls {
  return {
    loadKtxProject: async () => project(),
    listKtxRuns: async () => [scanReport()],
    listKtxSemanticSources: async () => [summary('orders'), summary('stores', { measures: ['count', 'area'] })],
    validateKtxSemanticSources: async ({ connectionId }) => ({
      ...{ connectionId, sources: [], valid: true, errors: [], warnings: [], perSourceWarnings: {} },
    }),
    readManagedPythonRuntimeStatus: async () => ready,
    readManagedPythonDaemonStatus: async () => running,
    listKtxAgents: async () => [codex, { ...codex, client: 'gemini', title: 'Gemini CLI', installations: [] }],
    ...overrides,
  };
}

async function run(
  overrides: Partial<StatusCalls> = {},
  flags: { json?: true } = {},
  io: Parameters<typeof makeIo>[0] = {},
) {
  const testIo = makeIo(io);
  const args = { projectDir: '/shop', cliVersion: '0.2.0', ...flags };
  const code = await runKtxStatus(args, testIo.io, statusCalls(overrides));
  return { code, stdout: testIo.stdout(), stderr: testIo.stderr() };
}

/** The lines of an area; checks that the exit code agrees with them. */
async function itemsOf(area: string, overrides: Partial<StatusCalls> = {}) {
  const { code, stdout } = await run(overrides, { json: true });
  const { ok, items } = JSON.parse(stdout) as ProjectStatus;
  expect(ok).toBe(items.every(({ state }) => state !== 'problem'));
  expect(code).toBe(ok ? 0 : 1);
  return items.filter((item) => item.area === area).map(({ area: _, ...item }) => item);
}

const withConnections = (...connections: KtxProject['connections']) => ({
  loadKtxProject: async () => project({ connections }),
});

describe('the text', () => {
  it('says that everything works', async () => {
    const { code, stdout, stderr } = await run();
    expect(code).toBe(0);
    expect(stderr).toBe('Checking the project\n');
    expect(stdout).toBe(
      [
        ...['shop  /shop', ''],
        ...['Connections', '  warehouse  ok  sqlite, ./shop.db: 2 tables, read 5 min ago', ''],
        ...['Runtime', '  runtime  ok  ready, version 0.2.0, daemon running', ''],
        ...['Semantic layer', '  warehouse  ok  2 sources, 3 measures: valid', ''],
        ...['Agents', '  agents  ok  Codex CLI', ''],
        ...['Everything works', ''],
      ].join('\n'),
    );
  });

  it('has the command that fixes each problem, and their number', async () => {
    const overrides = {
      ...withConnections(connection('warehouse'), connection('my shop')),
      listKtxRuns: async () => [],
    };
    const { code, stdout } = await run(overrides);
    expect(code).toBe(1);
    expect(stdout).toContain(
      [
        '  warehouse  problem  sqlite, ./shop.db: not scanned yet',
        '               fix: ktx scan warehouse',
        '  my shop    problem  sqlite, ./shop.db: not scanned yet',
        '               fix: ktx scan "my shop"',
      ].join('\n'),
    );
    expect(stdout).toMatch(/\n2 problems\n$/);
  });

  it('counts notes, which are no problems', async () => {
    const one = await run({ listKtxAgents: async () => [] });
    expect([one.code, one.stdout]).toEqual([0, expect.stringMatching(/\nEverything works; 1 note\n$/)]);
    const loadKtxProject = async () => project({ warnings: ['ktx.yaml:2:1: unknown key "x"'] });
    const two = await run({ loadKtxProject, listKtxAgents: async () => [] });
    expect(two.stdout).toContain('Project\n  ktx.yaml  note  ktx.yaml:2:1: unknown key "x"\n');
    expect(two.stdout).toMatch(/\nEverything works; 2 notes\n$/);
  });
});

describe('a connection', () => {
  it('missing from the project is a problem', async () => {
    expect(await itemsOf('connection', withConnections())).toEqual([
      { name: 'connections', state: 'problem', detail: 'none yet', fix: 'ktx setup' },
    ]);
  });

  it('that is not read-only is a problem, and its runs are not read', async () => {
    const listKtxRuns = vi.fn(async () => []);
    const writable = { ...connection('warehouse'), readonly: false, target: '' };
    expect(await itemsOf('connection', { ...withConnections(writable), listKtxRuns })).toEqual([
      {
        ...{ name: 'warehouse', state: 'problem', detail: 'sqlite: not marked as read-only' },
        fix: 'add readonly: true to it in ktx.yaml',
      },
    ]);
    expect(listKtxRuns).not.toHaveBeenCalled();
  });

  it('that was read less than a week ago works; then it is old', async () => {
    const days = (count: number) => {
      const finishedAt = new Date(NOW.getTime() - count * 24 * 60 * 60 * 1000).toISOString();
      return itemsOf('connection', { listKtxRuns: async () => [scanReport({ finishedAt })] });
    };
    expect(await days(6.9)).toMatchObject([{ state: 'ok', detail: 'sqlite, ./shop.db: 2 tables, read 6 days ago' }]);
    expect((await days(6.9))[0]).not.toHaveProperty('fix');
    expect(await days(7)).toMatchObject([
      { state: 'warning', detail: 'sqlite, ./shop.db: 2 tables, read 7 days ago', fix: 'ktx scan warehouse' },
    ]);
  });

  it('counts the tables that are there now', async () => {
    const diffSummary = { added: 1, modified: 2, deleted: 40, unchanged: 4 };
    const [item] = await itemsOf('connection', { listKtxRuns: async () => [scanReport({ diffSummary })] });
    expect(item?.detail).toContain(': 7 tables,');
  });

  it('whose last run failed is a problem with its reason', async () => {
    const failed = scanReport({ status: 'failed', error: 'the host is not known' });
    const [item] = await itemsOf('connection', { listKtxRuns: async () => [failed, scanReport()] });
    expect(item).toEqual({
      ...{ name: 'warehouse', state: 'problem', fix: 'ktx scan warehouse', at: failed.finishedAt },
      detail: 'sqlite, ./shop.db: the last run failed 5 min ago: the host is not known',
    });
    const [unknown] = await itemsOf('connection', {
      listKtxRuns: async () => [scanReport({ status: 'failed', finishedAt: null })],
    });
    expect(unknown?.detail).toMatch(/failed 5 min ago: no reason was recorded$/);
    expect(unknown?.at).toBe(failed.startedAt);
  });

  it('is judged by its last finished run, no dry run, in the same environment', async () => {
    const failed = { status: 'failed' as const, error: 'x' };
    const others = [
      ...[scanReport({ status: 'running', finishedAt: null }), scanReport({ ...failed, dryRun: true })],
      scanReport({ ...failed, environment: 'prod' }),
    ];
    const listKtxRuns = async () => [...others, scanReport()];
    expect(await itemsOf('connection', { listKtxRuns })).toMatchObject([{ state: 'ok' }]);
    const loadKtxProject = async () => project({ environment: 'prod' });
    expect(await itemsOf('connection', { listKtxRuns, loadKtxProject })).toMatchObject([{ state: 'problem' }]);
  });

  it('of a service is read by its adapter, and has entities', async () => {
    const listKtxRuns = vi.fn(async (_: object) => [scanReport({ source: 'looker' })]);
    const looker = { ...connection('my bi', 'looker', 'https://l.example'), readonly: false };
    const [item] = await itemsOf('connection', { ...withConnections(looker), listKtxRuns });
    expect(item?.detail).toBe('looker, https://l.example: 2 entities, read 5 min ago');
    expect(listKtxRuns).toHaveBeenCalledWith({
      projectDir: '/shop',
      connectionId: 'my bi',
      source: 'looker',
      limit: 20,
    });
    const [missing] = await itemsOf('connection', { ...withConnections(looker), listKtxRuns: async () => [] });
    expect(missing?.fix).toBe('ktx ingest run --connection-id "my bi" --adapter looker');
  });
});

describe('the runtime', () => {
  it('that is not installed is a note; sources are then not checked', async () => {
    const overrides = {
      readManagedPythonRuntimeStatus: async () => ({ ...ready, kind: 'missing' as const }),
      readManagedPythonDaemonStatus: vi.fn(),
      validateKtxSemanticSources: vi.fn(),
    };
    expect(await itemsOf('runtime', overrides)).toEqual([
      {
        ...{ name: 'runtime', state: 'warning', fix: 'ktx runtime install --yes' },
        detail: 'not installed yet; the first command that needs it asks',
      },
    ]);
    expect(await itemsOf('semantic-layer', overrides)).toEqual([
      {
        ...{ name: 'warehouse', state: 'warning', fix: 'ktx sl validate --connection-id warehouse' },
        detail: '2 sources, 3 measures: not checked without the runtime',
      },
    ]);
    expect(overrides.readManagedPythonDaemonStatus).not.toHaveBeenCalled();
    expect(overrides.validateKtxSemanticSources).not.toHaveBeenCalled();
  });

  it.each(['broken', 'mismatched'] as const)('that is %s is a problem', async (kind) => {
    const readManagedPythonRuntimeStatus = async () => ({ ...ready, kind, detail: 'python is missing' });
    expect(await itemsOf('runtime', { readManagedPythonRuntimeStatus })).toEqual([
      { name: 'runtime', state: 'problem', detail: `${kind}: python is missing`, fix: 'ktx runtime install --yes' },
    ]);
  });

  it('that is ready names its features, and whether the daemon runs', async () => {
    const manifest = { features: ['core', 'duckdb'] } as unknown as NonNullable<typeof ready.manifest>;
    const overrides = {
      readManagedPythonRuntimeStatus: async () => ({ ...ready, manifest }),
      readManagedPythonDaemonStatus: async () => ({ kind: 'stopped' as const, detail: '', layout }),
    };
    expect(await itemsOf('runtime', overrides)).toEqual([
      { name: 'runtime', state: 'ok', detail: 'ready, version 0.2.0, core, duckdb, daemon stopped' },
    ]);
  });
});

describe('the semantic layer', () => {
  it('without sources is a note', async () => {
    expect(await itemsOf('semantic-layer', { listKtxSemanticSources: async () => [] })).toEqual([
      { name: 'sources', state: 'warning', detail: 'no sources yet', fix: 'ktx sl generate' },
    ]);
  });

  it('has a line for each database with sources', async () => {
    const overrides = {
      ...withConnections(connection('a'), connection('bi', 'looker'), connection('b'), connection('none')),
      listKtxSemanticSources: async () => ['a', 'b', 'bi'].map((connectionId) => summary('orders', { connectionId })),
    };
    const items = await itemsOf('semantic-layer', overrides);
    expect(items.map(({ name, detail }) => [name, detail])).toEqual([
      ['a', '1 source, 1 measure: valid'],
      ['b', '1 source, 1 measure: valid'],
    ]);
  });

  it('with invalid sources is a problem', async () => {
    const validateKtxSemanticSources: StatusCalls['validateKtxSemanticSources'] = async ({ connectionId }) => ({
      ...{ connectionId, sources: [], valid: false, errors: ['no grain'], warnings: [], perSourceWarnings: {} },
    });
    expect(await itemsOf('semantic-layer', { validateKtxSemanticSources })).toEqual([
      {
        ...{ name: 'warehouse', state: 'problem', fix: 'ktx sl validate --connection-id warehouse' },
        detail: '2 sources, 3 measures: not valid, 1 error',
      },
    ]);
  });

  it('that cannot be checked is a problem with the reason', async () => {
    const validateKtxSemanticSources = async () => {
      throw ktxError('KTX_DAEMON_START_FAILED', 'The daemon ended');
    };
    const [item] = await itemsOf('semantic-layer', { validateKtxSemanticSources });
    expect(item).toMatchObject({
      state: 'problem',
      detail: '2 sources, 3 measures: cannot be checked: The daemon ended',
    });
  });

  it('installs nothing for its check, and prints nothing of the daemon', async () => {
    const validateKtxSemanticSources = vi.fn(statusCalls().validateKtxSemanticSources);
    const { signal } = new AbortController();
    const { stderr } = await run({ validateKtxSemanticSources }, {}, { signal, environment: 'prod', requestId: 'r-1' });
    const [options] = validateKtxSemanticSources.mock.calls[0] ?? [];
    expect(options).toMatchObject({
      ...{ projectDir: '/shop', connectionId: 'warehouse', signal, environment: 'prod', requestId: 'r-1' },
      managedDaemon: { cliVersion: '0.2.0', installPolicy: 'never' },
    });
    options?.managedDaemon?.io.stderr.write('a message of the daemon');
    expect(stderr).toBe('Checking the project\n');
  });

  it('ends the command with an interruption', async () => {
    const controller = new AbortController();
    const validateKtxSemanticSources = async () => {
      controller.abort(new Error('interrupted'));
      throw ktxError('KTX_QUERY_FAILED', 'Cancelled');
    };
    const { signal } = controller;
    await expect(run({ validateKtxSemanticSources }, {}, { signal })).rejects.toThrow('interrupted');
  });
});

describe('the project', () => {
  it('is read in the environment of the command', async () => {
    const loadKtxProject = vi.fn(async () => project());
    const listKtxSemanticSources = vi.fn(async () => []);
    await run({ loadKtxProject, listKtxSemanticSources }, {}, { environment: 'prod' });
    for (const call of [loadKtxProject, listKtxSemanticSources]) {
      expect(call).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop', environment: 'prod' });
    }
  });

  it('that cannot be read rejects', async () => {
    const loadKtxProject = async () => {
      throw ktxError('KTX_PROJECT_INVALID', 'ktx.yaml:1:1: not a mapping');
    };
    await expect(run({ loadKtxProject })).rejects.toMatchObject({ code: 'KTX_PROJECT_INVALID' });
  });

  it('and all its lines are one document with --json', async () => {
    const { stdout } = await run({}, { json: true });
    const { items, ...rest } = JSON.parse(stdout) as ProjectStatus;
    expect(rest).toEqual({ projectDir: '/shop', project: 'shop', ok: true });
    expect(items.map(({ area, state }) => [area, state])).toEqual([
      ...[
        ['connection', 'ok'],
        ['runtime', 'ok'],
        ['semantic-layer', 'ok'],
        ['agents', 'ok'],
      ],
    ]);
    expect(items[0]?.at).toBe('2026-05-11T12:00:01.500Z');
  });
});

describe('the agents', () => {
  it('are a note if none is connected', async () => {
    const listKtxAgents = async () => [{ ...codex, installations: [] }];
    expect(await itemsOf('agents', { listKtxAgents })).toEqual([
      { name: 'agents', state: 'warning', detail: 'none connected', fix: 'ktx agents install' },
    ]);
  });

  it('are named if some are connected', async () => {
    const listKtxAgents = vi.fn(async () => [codex, { ...codex, title: 'Cursor' }]);
    expect(await itemsOf('agents', { listKtxAgents })).toEqual([
      { name: 'agents', state: 'ok', detail: 'Codex CLI, Cursor' },
    ]);
    expect(listKtxAgents).toHaveBeenCalledWith({ projectDir: '/shop' });
  });
});
