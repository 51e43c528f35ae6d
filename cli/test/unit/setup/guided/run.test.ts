import { describe, expect, it } from 'vitest';
import { type GuidedSetupArgs, runGuidedSetup } from '../../../../src/setup/guided/run.js';
import { type Answer, fakeTerminal, KEYS } from '../../../support/fake-terminal.js';
import { guidedCalls, table } from '../../../support/guided.js';
import { makeIo } from '../../../support/io.js';
import { connection, ktxError, project } from '../../../support/projects.js';
import { scanReport, scanResult } from '../../../support/reports.js';

const { enter, ctrlC } = KEYS;

const args: GuidedSetupArgs = {
  ...{ command: 'guided', projectDir: '/shop', cliVersion: '0.2.0', installPolicy: 'auto', yes: false },
  ...{ connection: { keys: {}, secret: { kind: 'none' } }, tables: {}, question: true, agents: {} },
};

/** Flags of the suggested question. */
const FLAGS = '--measure orders.count --dimension orders.status --order-by orders.count:desc --limit 10';

describe('runGuidedSetup', () => {
  it('runs each step on the only connection, and prints the answer and the next steps', async () => {
    const { io, stdout, stderr } = makeIo({ cwd: '/shop' });
    const calls = guidedCalls();
    expect(await runGuidedSetup(args, io, calls)).toBe(0);
    const lines = stdout().split('\n');
    expect(lines.slice(0, 7)).toEqual([
      ...[
        'orders.count by orders.status',
        'status  orders',
        'paid        75',
        'null         2',
        '(2 rows)',
        '',
        'Next',
      ],
    ]);
    expect(lines.slice(7).map((line) => line.trim().split(/ {2,}/))).toEqual([
      [`ktx sl query ${FLAGS} --execute`, 'ask it again'],
      ['ktx sl list', 'the semantic sources, in semantic-layer/warehouse: edit them, edits are kept'],
      ['ktx status', 'what works, and what is missing'],
      ['ktx agents install', 'connect an agent'],
      [''],
    ]);
    expect(stderr()).toBe(
      [
        'Done: Project  /shop/ktx.yaml',
        'Listing the tables of warehouse',
        'Done: Tables  all 2',
        'Done: Scanned 2 tables  2 added, 0 modified, 0 deleted',
        'Generating semantic sources',
        'Done: Generated 0 semantic sources  semantic-layer/warehouse',
        'Asking: orders.count by orders.status',
        'Done: Answered  orders.count by orders.status',
        '',
      ].join('\n'),
    );
  });

  it('prints one document with --json', async () => {
    const { io, stdout } = makeIo({ cwd: '/shop' });
    await runGuidedSetup({ ...args, json: true, question: false, tables: { include: ['orders'] } }, io, guidedCalls());
    expect(JSON.parse(stdout())).toEqual({
      ...{ projectDir: '/shop', connectionId: 'warehouse', selection: { include: ['orders'] }, scan: scanReport() },
      generation: { connectionId: 'warehouse', syncId: scanReport().syncId, sources: [], warnings: [] },
      ...{ first: null, agents: [] },
    });
  });

  it('passes the options of the command to each call', async () => {
    const { signal } = new AbortController();
    const { io } = makeIo({ cwd: '/shop', signal, requestId: 'r-1', environment: 'prod' });
    const calls = guidedCalls();
    await runGuidedSetup({ ...args, trust: 'always' }, io, calls);
    const common = { projectDir: '/shop', connectionId: 'warehouse', trust: 'always', signal, requestId: 'r-1' };
    for (const call of [calls.listKtxDatabaseTables, calls.runLocalScan, calls.generateKtxSemanticSources]) {
      expect(call).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ ...common, environment: 'prod' }));
    }
    expect(calls.runKtxSemanticQuery).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(common));
  });

  it('prints the progress of the scan', async () => {
    const { io, stderr } = makeIo({ cwd: '/shop' });
    const calls = guidedCalls();
    calls.runLocalScan.mockImplementation(async ({ onProgress }) => {
      onProgress?.({ phase: 'stage', message: 'Staging', done: 1, total: 2 });
      return scanResult();
    });
    await runGuidedSetup(args, io, calls);
    expect(stderr()).toContain('Staging (1/2)\n');
  });

  it('prints each warning of several steps once', async () => {
    const { io, stderr } = makeIo({ cwd: '/shop' });
    const warnings = ['ada is a superuser', 'public.x has no columns'];
    const generateKtxSemanticSources = async () => ({
      ...{ connectionId: 'warehouse', syncId: 's', sources: [], warnings: [...warnings, 'no key'] },
    });
    const calls = guidedCalls({ runLocalScan: async () => scanResult({ warnings }), generateKtxSemanticSources });
    await runGuidedSetup(args, io, calls);
    expect(stderr().match(/^Warning: .*$/gm)).toEqual([...warnings, 'no key'].map((text) => `Warning: ${text}`));
  });

  it('names the connection in the suggested command only if there are several databases', async () => {
    const suggested = async (...ids: [string, string][]) => {
      const { io, stdout } = makeIo({ cwd: '/shop' });
      const connections = ids.map(([id, driver]) => connection(id, driver));
      const calls = guidedCalls({ loadKtxProject: async () => project({ connections }) });
      const flags = { ...args.connection, connectionId: 'warehouse' };
      await runGuidedSetup({ ...args, connection: flags }, io, calls);
      return /ktx sl query .* --execute/.exec(stdout())?.[0];
    };
    expect(await suggested(['warehouse', 'sqlite'], ['bi', 'looker'])).not.toContain('--connection-id');
    expect(await suggested(['warehouse', 'sqlite'], ['b', 'duckdb'])).toContain('--connection-id warehouse');
  });

  it('names the folder of the project if it is another one, and no agents if some are connected', async () => {
    const { io, stdout } = makeIo({ cwd: '/' });
    const files = [{ client: 'codex' as const, path: '/shop/.codex/config.toml', status: 'created' as const }];
    const installKtxAgents = async () => ({
      ...{ projectDir: '/shop', workspaceDir: '/shop', scope: 'project' as const, files },
    });
    const flags = { ...args, question: false, agents: { clients: ['codex' as const] } };
    await runGuidedSetup(flags, io, guidedCalls({ installKtxAgents }));
    expect(stdout()).toMatch(/^Next\n {2}cd shop +change to the project\n {2}ktx sl list /);
    expect(stdout()).not.toContain('ktx agents install');
    expect(stdout()).not.toContain('--execute');
  });
});

describe('the questions', () => {
  const missing = async () => {
    throw ktxError('KTX_PROJECT_MISSING', 'There is no project in /shop');
  };
  const answers: Answer[] = [
    ['Create a project in /shop?', enter],
    ['What does the connection lead to?', enter],
    ['Name of the connection', enter],
    ['PostgreSQL: host', enter],
    ['PostgreSQL: port', enter],
    ['PostgreSQL: user', enter],
    ['PostgreSQL: password', enter],
    ['PostgreSQL: database', enter],
    ['Scan all 2 tables and views?', enter],
    ['What would you like to know first?', enter],
  ];

  it('lead from nothing to an answer', async () => {
    const { io, stdout, unasked } = fakeTerminal(answers, { cwd: '/shop' });
    expect(await runGuidedSetup(args, io, guidedCalls({ loadKtxProject: missing }))).toBe(0);
    expect(unasked()).toEqual([]);
    expect(stdout()).toContain('orders.count by orders.status\n');
  });

  it('are not asked without the first question and agents', async () => {
    const { io, unasked } = fakeTerminal(answers.slice(0, -1), { cwd: '/shop' });
    const calls = guidedCalls({ loadKtxProject: missing });
    await runGuidedSetup({ ...args, question: false, agents: { clients: [] } }, io, calls);
    expect(unasked()).toEqual([]);
    expect(calls.runKtxSemanticQuery).not.toHaveBeenCalled();
    expect(calls.listKtxAgents).not.toHaveBeenCalled();
  });

  it.each(answers.map(([question], at) => [question, at] as const))(
    'stop at Ctrl-C, and later steps do not run: %s',
    async (question, at) => {
      const typed: Answer[] = [...answers.slice(0, at), [question, ctrlC]];
      const { io, stdout } = fakeTerminal(typed, { cwd: '/shop' });
      const calls = guidedCalls({ loadKtxProject: missing });
      await expect(runGuidedSetup(args, io, calls)).rejects.toMatchObject({ code: 'KTX_INTERRUPTED' });
      expect(stdout()).toBe('');
      const ran = [calls.initKtxProject, calls.addKtxConnection, calls.runLocalScan, calls.runKtxSemanticQuery];
      expect(ran.map(({ mock }) => mock.calls.length)).toEqual([at > 0, at > 7, at > 8, false].map(Number));
    },
  );

  it('continue after the steps of an earlier command', async () => {
    const calls = guidedCalls({ listKtxRuns: async () => [scanReport()] });
    const { io, unasked } = fakeTerminal(answers.slice(-1), { cwd: '/shop' });
    expect(await runGuidedSetup(args, io, calls)).toBe(0);
    expect(unasked()).toEqual([]);
    expect(calls.initKtxProject).not.toHaveBeenCalled();
    expect(calls.addKtxConnection).not.toHaveBeenCalled();
    expect(calls.editKtxConnection).not.toHaveBeenCalled();
    expect(calls.runLocalScan).toHaveBeenCalledOnce();
  });

  it('are answered by flags, except whether a project is created', async () => {
    const tables = [table('orders'), table('stores', { schema: 'staging' })];
    const calls = guidedCalls({
      ...{ loadKtxProject: missing, listKtxDatabaseTables: async () => ({ connectionId: 'warehouse', tables }) },
    });
    const given: GuidedSetupArgs = {
      ...{ ...args, question: false, projectName: 'Sales', tables: { schemas: ['staging'] } },
      connection: { keys: { driver: 'sqlite', path: 'a.db' }, secret: { kind: 'none' }, connectionId: 'local' },
      agents: { clients: ['codex'], executeQueries: true },
    };
    // Another question would be answered with Ctrl-C.
    const terminal = fakeTerminal([['Create a project in', enter]], { cwd: '/shop' });
    await runGuidedSetup(given, terminal.io, calls);
    expect(terminal.unasked()).toEqual([]);
    expect(calls.initKtxProject).toHaveBeenCalledWith({ projectDir: '/shop', projectName: 'Sales' });
    expect(calls.addKtxConnection.mock.calls[0]?.[0].connectionId).toBe('local');
    expect(calls.editKtxConnection.mock.calls[0]?.[0].connection).toEqual({ schemas: ['staging'] });
    expect(calls.installKtxAgents.mock.calls[0]?.[0]).toMatchObject({ clients: ['codex'], executeQueries: true });
  });

  it('are all answered by defaults with --yes', async () => {
    const terminal = fakeTerminal([], { cwd: '/shop' });
    const calls = guidedCalls({ loadKtxProject: missing });
    const given = { ...args.connection, keys: { driver: 'sqlite', path: 'a.db' } };
    expect(await runGuidedSetup({ ...args, connection: given, yes: true }, terminal.io, calls)).toBe(0);
    expect(terminal.screen()).toBe('');
    expect(calls.runKtxSemanticQuery).toHaveBeenCalledOnce();
  });
});
