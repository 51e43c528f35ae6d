import { join } from 'node:path';
import type { KtxAgentClient, KtxAgentFile, KtxAgentInstallation, KtxAgentStatus } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { type KtxAgentsArgs, runKtxAgents } from '../../../src/agents/run.js';
import { fakeTerminal, KEYS } from '../../support/fake-terminal.js';
import { makeIo, type TestIo } from '../../support/io.js';
import { connection, ktxError, project } from '../../support/projects.js';

type ArgsOf<Command> = Extract<KtxAgentsArgs, { command: Command }>;

const change = { projectDir: '/shop', clients: [], scope: 'project', force: false, dryRun: false, yes: false } as const;
const install: ArgsOf<'install'> = { ...change, command: 'install' };
const remove: ArgsOf<'remove'> = { ...change, command: 'remove' };

const client = (name: KtxAgentClient, detected = true): KtxAgentStatus => ({
  ...{ client: name, title: name.toUpperCase(), detected, installations: [] },
});
const codex: KtxAgentStatus = {
  ...client('codex'),
  installations: [{ scope: 'project', path: '/shop/.codex/config.toml', serverName: 'ktx', files: [] }],
};
const found = [codex, client('windsurf'), client('cursor'), client('gemini', false)];

const file = (status: KtxAgentFile['status']): KtxAgentFile => ({
  ...{ client: 'codex', path: '/shop/.codex/config.toml', status },
});

function stubs(clients = found, files = [file('created')]) {
  const installed = { projectDir: '/shop', workspaceDir: '/shop', scope: 'project' as const, files };
  return {
    loadKtxProject: vi.fn(async (_: object) => project()),
    listKtxAgents: vi.fn(async (_: object) => clients),
    installKtxAgents: vi.fn(async (_: object): Promise<KtxAgentInstallation> => installed),
    removeKtxAgents: vi.fn(async (_: object) => ({ files })),
  };
}

async function run(args: KtxAgentsArgs, calls = stubs(), testIo: TestIo = makeIo()) {
  const code = await runKtxAgents(args, testIo.io, calls as never);
  return { code, stdout: testIo.stdout(), stderr: testIo.stderr(), ...calls };
}

describe('list', () => {
  const list = { command: 'list', projectDir: '/shop', clients: [] } as const;

  it('shows which clients are found, and which are connected', async () => {
    const { code, stdout, listKtxAgents } = await run({ ...list, workspaceDir: '/work', serverName: 'shop' });
    expect(code).toBe(0);
    expect(listKtxAgents).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', workspaceDir: '/work', serverName: 'shop' },
    });
    expect(stdout).toBe(
      [
        'CLIENT    HERE       CONNECTED  FILE',
        'codex     found      project    /shop/.codex/config.toml',
        'windsurf  found',
        'cursor    found',
        'gemini    not found',
        '',
      ].join('\n'),
    );
  });

  it('is one document with --json', async () => {
    expect(JSON.parse((await run({ ...list, json: true })).stdout)).toEqual({ clients: found });
  });
});

describe('install', () => {
  it('connects the named clients, and says what to do next', async () => {
    const { code, stdout, installKtxAgents, listKtxAgents, loadKtxProject } = await run({
      ...{ ...install, clients: ['codex', 'gemini'], serverName: 'shop', force: true },
    });
    expect(code).toBe(0);
    expect(installKtxAgents).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', serverName: 'shop', clients: ['codex', 'gemini'], scope: 'project' },
      ...{ executeQueries: false, force: true, dryRun: false },
    });
    expect(listKtxAgents).not.toHaveBeenCalled();
    expect(loadKtxProject).not.toHaveBeenCalled();
    expect(stdout).toBe(
      [
        ...[
          'In /shop',
          '',
          'CLIENT  FILE                STATUS',
          `codex   ${join('.codex', 'config.toml')}  created`,
          '',
        ],
        'Agents get the SQL of a question; to let them run it, read-only: ' +
          'ktx agents install --name shop --client codex --client gemini --execute-queries',
        'Start the client again to use it. Undo with: ktx agents remove',
        '',
      ].join('\n'),
    );
  });

  it('does not suggest to run queries if agents may', async () => {
    const { stdout } = await run({ ...install, clients: ['codex'], executeQueries: true });
    expect(stdout).not.toContain('--execute-queries');
  });

  it('names whole paths for the user, and says that a dry run wrote nothing', async () => {
    const calls = stubs();
    const user = { projectDir: '/shop', workspaceDir: '/shop', scope: 'global' as const, files: [file('changed')] };
    calls.installKtxAgents.mockResolvedValue(user);
    const args = { ...install, clients: ['codex'] as const, scope: 'global' as const, dryRun: true };
    expect((await run(args, calls)).stdout).toBe(
      [
        ...['CLIENT  FILE                      STATUS', 'codex   /shop/.codex/config.toml  changed', ''],
        ...['Nothing was written (--dry-run)', ''],
      ].join('\n'),
    );
  });

  it('rejects an environment that the project does not have, and writes nothing', async () => {
    const calls = stubs();
    calls.loadKtxProject.mockRejectedValue(ktxError('KTX_ENVIRONMENT_UNKNOWN', 'There is no environment stage'));
    const args = { ...install, clients: ['codex'] as const };
    await expect(run(args, calls, makeIo({ environment: 'stage' }))).rejects.toMatchObject({
      code: 'KTX_ENVIRONMENT_UNKNOWN',
    });
    expect(calls.installKtxAgents).not.toHaveBeenCalled();
    const known = await run(args, stubs(), makeIo({ environment: 'prod' }));
    expect(known.installKtxAgents.mock.calls[0]?.[0]).toMatchObject({ environment: 'prod' });
  });

  it.each([
    ['project', ['codex', 'cursor']],
    ['global', ['codex', 'windsurf', 'cursor']],
  ] as const)('connects with --yes what is found and reads servers of the scope %s', async (scope, clients) => {
    const { installKtxAgents } = await run({ ...install, scope, yes: true });
    expect(installKtxAgents.mock.calls[0]?.[0]).toMatchObject({ clients, scope });
  });

  it('asks on a terminal which ones', async () => {
    const terminal = fakeTerminal([['Which clients should use this project?', KEYS.space, KEYS.enter]]);
    const { installKtxAgents } = await run({ ...install, executeQueries: false }, stubs(), terminal);
    expect(installKtxAgents.mock.calls[0]?.[0]).toMatchObject({ clients: ['cursor'], executeQueries: false });
    expect(terminal.screen()).not.toMatch(/WINDSURF|GEMINI/);
  });

  it.each([
    [[KEYS.enter], true],
    [[KEYS.down, KEYS.enter], false],
  ])('asks on a terminal whether agents may run queries: %j', async (keys, executeQueries) => {
    const terminal = fakeTerminal([['May agents run queries on warehouse?', ...keys]]);
    const { installKtxAgents } = await run({ ...install, clients: ['codex'] }, stubs(), terminal);
    expect(installKtxAgents.mock.calls[0]?.[0]).toMatchObject({ executeQueries });
  });

  it('asks nothing if no connection is read-only', async () => {
    const calls = stubs();
    const connections = [{ ...connection('looker', 'looker'), readonly: false }];
    calls.loadKtxProject.mockResolvedValue(project({ connections }));
    const { installKtxAgents } = await run({ ...install, clients: ['codex'] }, calls, fakeTerminal([]));
    expect(installKtxAgents.mock.calls[0]?.[0]).toMatchObject({ executeQueries: false });
  });

  it('names those that are found, without a terminal', async () => {
    await expect(run(install)).rejects.toMatchObject({
      message: 'No client is named',
      next: 'Name one or more with --client codex, --client cursor, or all with --yes',
    });
  });

  it('names all if none is found', async () => {
    await expect(run({ ...install, yes: true }, stubs([client('gemini', false)]))).rejects.toMatchObject({
      message: 'No client of agents was found here',
      next: expect.stringMatching(/^Name one with --client: claude-code, .*, gemini$/),
    });
  });
});

describe('remove', () => {
  it('undoes all clients by default, or the named ones', async () => {
    const all = await run(remove, stubs(found, [file('removed')]));
    expect(all.removeKtxAgents.mock.calls[0]?.[0]).toMatchObject({
      clients: expect.arrayContaining(['claude-code', 'codex', 'gemini']),
    });
    expect(all.stdout).toBe('CLIENT  FILE                      STATUS\ncodex   /shop/.codex/config.toml  removed\n');
    const one = await run({ ...remove, clients: ['codex'], force: true, dryRun: true });
    expect(one.removeKtxAgents).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', clients: ['codex'], scope: 'project', force: true, dryRun: true },
    });
    expect(one.stdout).toMatch(/\n\nNothing was written \(--dry-run\)\n$/);
  });

  it('says how to remove a file that was edited', async () => {
    const { stdout } = await run(remove, stubs(found, [file('kept')]));
    expect(stdout).toMatch(/\n\nA file that was edited since is kept; remove it with: ktx agents remove --force\n$/);
  });

  it('says that no client is connected', async () => {
    expect((await run({ ...remove, dryRun: true }, stubs(found, []))).stdout).toBe('No client is connected\n');
  });
});
