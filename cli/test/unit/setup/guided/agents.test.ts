import type { KtxAgentClient, KtxAgentStatus } from '@kaelio/ktx';
import { describe, expect, it } from 'vitest';
import { connectAgents } from '../../../../src/setup/guided/agents.js';
import { KEYS } from '../../../support/fake-terminal.js';
import { type GuidedFixture, guidedSession } from '../../../support/guided.js';

const { enter, space, ctrlC } = KEYS;

function client(name: KtxAgentClient, scopes: ('project' | 'global')[] = [], detected = true): KtxAgentStatus {
  const installations = scopes.map((scope) => ({ scope, path: '/f', serverName: 'ktx', files: [] }));
  return { client: name, title: name.toUpperCase(), detected, installations };
}

/** Two clients that are found, one of the user alone, and one that is not there. */
const found = [client('codex'), client('cursor'), client('windsurf'), client('gemini', [], false)];

function withClients(clients: KtxAgentStatus[], fixture: GuidedFixture = {}) {
  return guidedSession({ ...fixture, calls: { listKtxAgents: async () => clients } });
}

const installation = (clients: KtxAgentClient[], executeQueries: boolean) => ({
  ...{ projectDir: '/shop', clients, scope: 'project', executeQueries },
});

describe('connectAgents', () => {
  it('connects the clients of the flags, in the environment of the command', async () => {
    const { session, calls, stderr } = guidedSession({ io: { environment: 'prod' } });
    await connectAgents(session, { clients: ['codex', 'gemini'], executeQueries: true });
    const expected = { ...installation(['codex', 'gemini'], true), environment: 'prod' };
    expect(calls.installKtxAgents).toHaveBeenCalledExactlyOnceWith(expected);
    expect(calls.listKtxAgents).not.toHaveBeenCalled();
    expect(stderr()).toBe('Done: Connected codex, gemini  may run queries, read-only\n');
  });

  it('returns the files that were written', async () => {
    const files = [{ client: 'codex' as const, path: '/shop/.codex/config.toml', status: 'created' as const }];
    const installKtxAgents = async () => ({
      ...{ projectDir: '/shop', workspaceDir: '/shop', scope: 'project' as const, files },
    });
    const { session } = guidedSession({ calls: { installKtxAgents } });
    expect(await connectAgents(session, { clients: ['codex'] })).toBe(files);
  });

  it.each([
    ['none with --no-agents', { clients: [] }, { yes: true }],
    ['none without a terminal', {}, {}],
  ])('connects %s', async (_, flags, session) => {
    const { session: created, calls } = withClients(found, { session });
    expect(await connectAgents(created, flags)).toEqual([]);
    expect(calls.installKtxAgents).not.toHaveBeenCalled();
  });

  it('connects with --yes all that are found and read servers of a project, which get the SQL only', async () => {
    const { session, calls, stderr } = withClients(found, { session: { yes: true } });
    await connectAgents(session, {});
    expect(calls.installKtxAgents).toHaveBeenCalledExactlyOnceWith(installation(['codex', 'cursor'], false));
    expect(stderr()).toContain('get SQL only\n');
  });

  it('asks which, and whether they may run queries', async () => {
    const { session, calls, screen, unasked } = withClients(found, {
      answers: [
        ['Which agents should use this project?', space, enter],
        ['May agents run queries on', 'n'],
      ],
    });
    await connectAgents(session, {});
    expect(calls.installKtxAgents).toHaveBeenCalledExactlyOnceWith(installation(['cursor'], false));
    expect(unasked()).toEqual([]);
    expect(screen()).not.toMatch(/WINDSURF|GEMINI/);
  });

  it('does not ask whether they may run queries if a flag says so', async () => {
    const { session, calls } = withClients(found, { answers: [['Which agents', enter]] });
    await connectAgents(session, { executeQueries: false });
    expect(calls.installKtxAgents).toHaveBeenCalledExactlyOnceWith(installation(['codex', 'cursor'], false));
  });

  it('offers no client that is connected to the project, but one that is connected for the user', async () => {
    const clients = [client('codex', ['project']), client('cursor', ['global'])];
    const { session, calls, screen } = withClients(clients, { answers: [['Which agents', enter]] });
    await connectAgents(session, { executeQueries: true });
    expect(calls.installKtxAgents).toHaveBeenCalledExactlyOnceWith(installation(['cursor'], true));
    expect(screen()).not.toContain('CODEX');
  });

  it('asks nothing if no client is left', async () => {
    const { session, calls, screen } = withClients([client('codex', ['project'])], { answers: [] });
    expect(await connectAgents(session, {})).toEqual([]);
    expect(screen()).toBe('');
    expect(calls.installKtxAgents).not.toHaveBeenCalled();
  });

  it('writes nothing after Ctrl-C at either question', async () => {
    for (const keys of [[ctrlC], [enter]]) {
      const { session, calls } = withClients(found, {
        answers: [
          ['Which agents', ...keys],
          ['May agents run', ctrlC],
        ],
      });
      await expect(connectAgents(session, {})).rejects.toMatchObject({ code: 'KTX_INTERRUPTED' });
      expect(calls.installKtxAgents).not.toHaveBeenCalled();
    }
  });
});
