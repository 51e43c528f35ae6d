import type { KtxConnectionKeys, KtxErrorCode } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import type { GuidedCalls } from '../../../../src/setup/guided/calls.js';
import { type ConnectionFlags, chooseConnection } from '../../../../src/setup/guided/connection.js';
import { type Answer, KEYS } from '../../../support/fake-terminal.js';
import { type GuidedFixture, guidedCalls, guidedSession } from '../../../support/guided.js';
import { connection, ktxError, project } from '../../../support/projects.js';

const { enter, down, ctrlC, backspace } = KEYS;

const empty = project({ connections: [] });
const two = project({ connections: [connection('a'), connection('bi', 'looker'), connection('b', 'duckdb', 'b.db')] });

const flags = (keys: KtxConnectionKeys = {}, others: Partial<ConnectionFlags> = {}): ConnectionFlags => ({
  ...{ keys, secret: { kind: 'none' } },
  ...others,
});

async function choose(given: ConnectionFlags, fixture: GuidedFixture = {}, of = empty) {
  const created = guidedSession(fixture);
  return { ...created, id: await chooseConnection(created.session, of, given) };
}

/** What is written: the name, keys and secrets of each call. */
function written(calls: ReturnType<typeof guidedCalls>) {
  return calls.addKtxConnection.mock.calls.map(([{ connectionId, connection: keys, secrets }]) => ({
    ...{ connectionId, keys, secrets },
  }));
}

/** Rejects the first test of a connection. */
function failingOnce(code: KtxErrorCode, reason?: string): Partial<GuidedCalls> {
  const { addKtxConnection } = guidedCalls();
  const response = reason === undefined ? {} : { response: { detail: '', code: reason } };
  const failure = ktxError(code, 'The test failed', { hint: 'Run it again', ...response });
  return { addKtxConnection: vi.fn(addKtxConnection).mockRejectedValueOnce(failure) };
}

/** Types text in place of a suggestion. */
const replace = (old: string, text: string) => [...[...old].map(() => backspace), text, enter];

describe('an existing connection', () => {
  it('is taken if it is the only database, and is not tested', async () => {
    const services = project({ connections: [connection('bi', 'looker'), connection('warehouse')] });
    const { id, calls, screen } = await choose(flags(), { answers: [] }, services);
    expect(id).toBe('warehouse');
    expect(calls.addKtxConnection).not.toHaveBeenCalled();
    expect(screen()).toBe('');
  });

  it('is the one that the flag names', async () => {
    const { id, calls } = await choose(flags({}, { connectionId: 'b' }), {}, two);
    expect(id).toBe('b');
    expect(calls.addKtxConnection).not.toHaveBeenCalled();
  });

  it('must be named if there are several, without a terminal', async () => {
    await expect(choose(flags(), {}, two)).rejects.toMatchObject({
      ...{ code: 'KTX_ARGUMENT_INVALID', message: 'This project has several connections: a, b' },
      next: 'Choose one of them with --connection-id ID',
    });
  });

  it('is chosen on a terminal, among databases only', async () => {
    const answers: Answer[] = [['Which connection should be set up?', down, enter]];
    const { id, screen, calls } = await choose(flags(), { answers }, two);
    expect(id).toBe('b');
    expect(screen()).toContain('b (duckdb, b.db)');
    expect(screen()).not.toContain('looker');
    expect(calls.addKtxConnection).not.toHaveBeenCalled();
  });

  it('may be left for another one', async () => {
    const answers: Answer[] = [
      ['Which connection should be set up?', down, down, enter],
      ['What does the connection lead to?', ctrlC],
    ];
    await expect(choose(flags(), { answers }, two)).rejects.toMatchObject({ code: 'KTX_INTERRUPTED' });
  });

  it('is added again with its flags, so that a command can be repeated', async () => {
    const given = flags({ driver: 'sqlite', path: 'shop.db' }, { connectionId: 'a' });
    expect(written((await choose(given, {}, two)).calls)).toEqual([
      { connectionId: 'a', keys: { readonly: true, driver: 'sqlite', path: 'shop.db' }, secrets: {} },
    ]);
  });
});

describe('a new connection of flags', () => {
  it('is tested and written, and named warehouse', async () => {
    const { id, calls, stderr, io } = await choose(flags({ driver: 'sqlite', path: 'shop.db' }));
    expect(id).toBe('warehouse');
    expect(calls.addKtxConnection).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        ...{ projectDir: '/shop', connectionId: 'warehouse', test: true, storeSecrets: true, unset: [], secrets: {} },
        connection: { readonly: true, driver: 'sqlite', path: 'shop.db' },
      }),
    );
    expect(calls.addKtxConnection.mock.calls[0]?.[0].managedDaemon).toMatchObject({ installPolicy: 'prompt', io });
    expect(stderr()).toBe('Connecting to warehouse\nDone: Connected to warehouse  2 tables\n');
  });

  it('prints each warning of the test once, also if later steps have it again', async () => {
    const addKtxConnection = async () => ({
      ...{ connectionId: 'warehouse', project: empty, storedSecrets: [], removedSecrets: [] },
      test: { connectionId: 'warehouse', driver: 'sqlite', tableCount: 1, warnings: ['ada is a superuser'] },
    });
    const given = flags({ driver: 'sqlite', path: 'shop.db' });
    const { session, stderr } = await choose(given, { calls: { addKtxConnection } });
    expect(stderr()).toContain('Warning: ada is a superuser\n');
    expect(stderr()).toContain('Connected to warehouse  1 table\n');
    expect([...session.warnings]).toEqual(['ada is a superuser']);
  });

  it('refers to the variable of its secret, by the key of the driver', async () => {
    const secret = { kind: 'reference', reference: 'env:SECRET' } as const;
    const postgres = flags({ driver: 'postgres', host: 'db' }, { secret });
    expect(written((await choose(postgres)).calls)[0]?.keys).toEqual({
      ...{ readonly: true, driver: 'postgres', host: 'db', password: 'env:SECRET' },
    });
    const looker = flags({ driver: 'looker', base_url: 'https://l', client_id: 'x' }, { secret });
    expect(written((await choose(looker)).calls)[0]?.keys).toMatchObject({ client_secret: 'env:SECRET' });
  });

  it('stores a secret of standard input outside of the keys, without its line break', async () => {
    const stdin = (async function* () {
      yield 'hunter2\r\n';
    })();
    const given = flags({ driver: 'postgres', host: 'db' }, { secret: { kind: 'stdin' } });
    const [added] = written((await choose(given, { io: { stdin } })).calls);
    expect(added?.secrets).toEqual({ password: 'hunter2' });
    expect(JSON.stringify(added?.keys)).not.toContain('hunter2');
  });

  it('rejects an empty secret of standard input, and writes nothing', async () => {
    const created = guidedSession();
    const given = flags({ driver: 'postgres', host: 'db' }, { secret: { kind: 'stdin' } });
    await expect(chooseConnection(created.session, empty, given)).rejects.toMatchObject({
      message: 'Standard input has no password',
    });
    expect(created.calls.addKtxConnection).not.toHaveBeenCalled();
  });

  it.each([
    ['--driver', {}],
    ['--path', { driver: 'sqlite' }],
    ['--host', { driver: 'postgres' }],
    ['--base-url', { driver: 'looker' }],
    ['--url', { driver: 'oracle' }],
  ])('needs %s without a terminal', async (flag, keys) => {
    await expect(choose(flags(keys))).rejects.toMatchObject({
      ...{ code: 'KTX_ARGUMENT_INVALID', message: `The connection needs ${flag}` },
      next: 'Add it, or run the command on a terminal, which asks for it',
    });
  });

  it('has its flags before those of a dbt profile, and its secret', async () => {
    const profile = {
      ...{ name: 'shop.dev', file: 'p.yml', connection: { driver: 'postgres', host: 'db', user: 'ada' } },
      secrets: { password: 'hunter2' },
    };
    const calls = { listKtxDbtProfiles: async () => [profile] };
    const kept = await choose(flags({ user: 'bob' }, { dbtProfile: 'shop.dev' }), { calls });
    expect(written(kept.calls)).toEqual([
      {
        connectionId: 'warehouse',
        keys: { readonly: true, driver: 'postgres', host: 'db', user: 'bob' },
        secrets: { password: 'hunter2' },
      },
    ]);
    const secret = { kind: 'reference', reference: 'env:P' } as const;
    const given = await choose(flags({ driver: 'postgres' }, { dbtProfile: 'shop.dev', secret }), { calls });
    expect(written(given.calls)[0]).toMatchObject({ keys: { password: 'env:P' }, secrets: {} });
  });

  it('rejects after a failed test without a terminal, with the error of the test', async () => {
    const calls = failingOnce('KTX_CONNECTION_FAILED', 'authentication_failed');
    await expect(choose(flags({ driver: 'sqlite', path: 'x' }), { calls })).rejects.toThrow('The test failed');
  });
});

describe('a new connection of answers', () => {
  const postgres: Answer[] = [
    ['What does the connection lead to?', enter],
    ['Name of the connection', enter],
    ['PostgreSQL: host', ...replace('localhost', 'db')],
    ['PostgreSQL: port', enter],
    ['PostgreSQL: user', 'ada', enter],
    ['PostgreSQL: password', 'hunter2', enter],
    ['PostgreSQL: database', 'shop', enter],
  ];
  const shop = { readonly: true, driver: 'postgres', host: 'db', port: 5432, user: 'ada', database: 'shop' };

  it('has a default for what can have one, and stores its secret', async () => {
    const { id, calls, screen, unasked } = await choose(flags(), { answers: postgres });
    expect(id).toBe('warehouse');
    expect(written(calls)).toEqual([{ connectionId: 'warehouse', keys: shop, secrets: { password: 'hunter2' } }]);
    expect(screen()).not.toContain('hunter2');
    expect(unasked()).toEqual([]);
  });

  it('has a URL in place of a host', async () => {
    const host = ['PostgreSQL: host', ...replace('localhost', 'postgres://db/shop')] as unknown as Answer;
    const answers = [...postgres.slice(0, 2), host];
    expect(written((await choose(flags(), { answers })).calls)[0]?.keys).toEqual({
      ...{ readonly: true, driver: 'postgres', url: 'postgres://db/shop' },
    });
  });

  it('refers to a variable in place of a secret', async () => {
    const answers = postgres.map((answer): Answer => (answer[1] === 'hunter2' ? [answer[0], 'env:P', enter] : answer));
    expect(written((await choose(flags(), { answers })).calls)).toMatchObject([
      { keys: { password: 'env:P' }, secrets: {} },
    ]);
  });

  it('asks again for a port that is none, and for a name that is taken', async () => {
    const answers: Answer[] = [
      ['Name of the connection', ...replace('warehouse', 'bi')],
      ['has a connection of this name already', ...replace('bi', 'new')],
      ['PostgreSQL: host', enter],
      ['PostgreSQL: port', ...replace('5432', '0')],
      ['A port is a number from 1 to 65535', ...replace('0', '6000')],
      ['PostgreSQL: user', enter],
      ['PostgreSQL: password', enter],
      ['PostgreSQL: database', enter],
    ];
    const { id, calls, unasked } = await choose(flags({ driver: 'postgres' }), { answers }, two);
    expect(id).toBe('new');
    expect(written(calls)[0]?.keys).toEqual({ readonly: true, driver: 'postgres', host: 'localhost', port: 6000 });
    expect(unasked()).toEqual([]);
  });

  it.each([
    ['authentication_failed', ['user', 'password']],
    ['host_not_found', ['host']],
    ['connection_failed', ['host', 'port']],
    ['connection_timeout', ['host', 'port']],
    ['database_not_found', ['database']],
    ['tls_failed', ['sslmode', 'sslrootcert']],
  ])('asks after %s for what was wrong only, and suggests the last answers', async (reason, wrong) => {
    const again = wrong.map((key): Answer => [`PostgreSQL: ${key}`, key === 'password' ? 'right' : '2', enter]);
    const fixture = { answers: [...postgres, ...again], calls: failingOnce('KTX_CONNECTION_FAILED', reason) };
    const { calls, stderr, unasked } = await choose(flags(), fixture);
    const suggested: Record<string, unknown> = { ...shop, sslmode: '', sslrootcert: '' };
    const changed = wrong
      .filter((key) => key !== 'password')
      .map((key) => {
        const text = `${suggested[key]}2`;
        return [key, key === 'port' ? Number(text) : text];
      });
    expect(written(calls)[1]).toEqual({
      ...{ connectionId: 'warehouse', keys: { ...shop, ...Object.fromEntries(changed) } },
      secrets: { password: wrong.includes('password') ? 'right' : 'hunter2' },
    });
    expect(stderr()).toContain('Error: The test failed\n');
    expect(stderr()).not.toContain('Run it again');
    expect(unasked()).toEqual([]);
  });

  it('asks for everything after another failure, with the last answers as defaults', async () => {
    const again = postgres.slice(1).map(([question]): Answer => [question, enter]);
    const fixture = {
      answers: [...postgres, ...again.slice(1)],
      calls: failingOnce('KTX_CONNECTION_FAILED', 'unknown'),
    };
    const { calls, unasked } = await choose(flags(), fixture);
    expect(written(calls)[1]).toMatchObject({ connectionId: 'warehouse', keys: shop });
    expect(unasked()).toEqual([]);
  });

  it('asks for everything after the failure of a URL', async () => {
    const given = flags({ url: 'postgres://db/shop' }, { connectionId: 'shop' });
    const answers = postgres.slice(2);
    const calls = failingOnce('KTX_CONNECTION_FAILED', 'host_not_found');
    const created = await choose(given, { answers: [['PostgreSQL: host', enter], ...answers.slice(1)], calls });
    expect(written(created.calls).map(({ keys }) => keys?.url)).toEqual(['postgres://db/shop', undefined]);
    expect(created.id).toBe('shop');
  });

  it.each(['KTX_RUNTIME_REQUIRED', 'KTX_RUNTIME_INSTALL_FAILED', 'KTX_PROJECT_UNSAFE'] as const)(
    'rejects after %s, which other answers cannot help',
    async (code) => {
      await expect(choose(flags(), { answers: postgres, calls: failingOnce(code) })).rejects.toMatchObject({ code });
    },
  );

  it('rejects after an interruption of the test', async () => {
    const controller = new AbortController();
    const addKtxConnection = async () => {
      controller.abort(new Error('interrupted'));
      throw ktxError('KTX_CONNECTION_FAILED', 'The test failed');
    };
    const fixture = { answers: postgres, calls: { addKtxConnection }, io: { signal: controller.signal } };
    await expect(choose(flags(), fixture)).rejects.toThrow('interrupted');
  });
});
