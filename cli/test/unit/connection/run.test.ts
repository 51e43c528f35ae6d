import type { KtxConnectionChange, KtxConnectionTest, KtxProject } from '@kaelio/ktx';
import { describe, expect, it, vi } from 'vitest';
import { type KtxConnectionArgs, type KtxConnectionDeps, runKtxConnection } from '../../../src/connection/run.js';
import { daemonOptionsOf } from '../../support/daemon-options.js';
import { type Answer, fakeTerminal, KEYS } from '../../support/fake-terminal.js';
import { makeIo, type TestIo } from '../../support/io.js';
import { connection, ktxError, project } from '../../support/projects.js';

type ArgsOf<Command> = Extract<KtxConnectionArgs, { command: Command }>;

const daemon = { projectDir: '/shop', cliVersion: '0.2.0', installPolicy: 'auto' } as const;

const change = { ...daemon, keys: {}, secret: { kind: 'none' }, unset: [], test: true, force: false } as const;

const add: ArgsOf<'add' | 'edit'> = {
  ...{ ...change, command: 'add', connectionId: 'local', keys: { driver: 'sqlite', path: 'a.db' } },
};

const tested: KtxConnectionTest = { connectionId: 'local', driver: 'sqlite', tableCount: 3 };

const changed = (overrides: Partial<KtxConnectionChange> = {}): KtxConnectionChange => ({
  ...{ connectionId: 'local', project: project(), storedSecrets: [], removedSecrets: [] },
  ...overrides,
});

/** Functions that answer from memory; a change is tested if that is asked for. */
function stubs(of: Partial<KtxProject> = {}) {
  const save = async ({ test }: { test?: boolean }) => changed(test ? { test: tested } : {});
  return {
    loadKtxProject: vi.fn(async (_: object) => project(of)),
    addKtxConnection: vi.fn(save),
    editKtxConnection: vi.fn(save),
    removeKtxConnection: vi.fn(async (_: object) => changed()),
    testKtxConnection: vi.fn(async ({ connectionId }: { connectionId: string }) => ({ ...tested, connectionId })),
  } satisfies KtxConnectionDeps;
}

async function run(args: KtxConnectionArgs, calls = stubs(), testIo: TestIo = makeIo()) {
  const code = await runKtxConnection(args, testIo.io, calls);
  return { code, stdout: testIo.stdout(), stderr: testIo.stderr(), io: testIo.io, ...calls };
}

const failing = async () => {
  throw ktxError('KTX_CONNECTION_FAILED', 'The server refused the login', {
    ...{ hint: 'Check the password', response: { detail: '', code: 'authentication_failed' } },
  });
};

describe('list', () => {
  const list: ArgsOf<'list'> = { command: 'list', projectDir: '/shop' };
  const connections = [connection('a'), { ...connection('b', 'postgres', 'db/shop'), readonly: false }];

  it('shows how each connection is read', async () => {
    const { code, stdout, stderr } = await run(list, stubs({ connections, warnings: ['unknown key'] }));
    expect([code, stderr]).toEqual([0, 'Warning: unknown key\n']);
    expect(stdout).toBe(
      [
        'CONNECTION  DRIVER    ACCESS         TARGET',
        'a           sqlite    read-only      ./shop.db',
        'b           postgres  not read-only  db/shop',
        '',
      ].join('\n'),
    );
  });

  it('names the environment of the command, and the others', async () => {
    const of = { connections, environment: 'prod', environments: ['dev', 'prod', 'test'] };
    const { stdout, loadKtxProject } = await run(list, stubs(of), makeIo({ environment: 'prod' }));
    expect(loadKtxProject).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop', environment: 'prod' });
    expect(stdout).toMatch(/\n\nEnvironment: prod \(others: dev, test\)\n$/);
    const { environment: _, ...none } = of;
    expect((await run(list, stubs({ ...none, environments: ['dev'] }))).stdout).toContain('none (others: dev)\n');
  });

  it('says how to add the first', async () => {
    const { stdout } = await run(list, stubs({ connections: [] }));
    expect(stdout).toBe('No connections in /shop/ktx.yaml yet: add one with ktx connection add ID\n');
  });

  it('is one document with --json', async () => {
    const { stdout } = await run({ ...list, json: true }, stubs({ connections }));
    expect(JSON.parse(stdout)).toEqual({ projectDir: '/shop', environment: null, environments: [], connections });
  });
});

describe('add', () => {
  it('tests the connection, and writes it as read-only', async () => {
    const { code, stdout, stderr, addKtxConnection, io } = await run(add);
    expect(code).toBe(0);
    expect(addKtxConnection).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', connectionId: 'local', secrets: {}, unset: [], storeSecrets: true, test: true },
      connection: { readonly: true, driver: 'sqlite', path: 'a.db' },
      managedDaemon: daemonOptionsOf(io),
    });
    expect([stdout, stderr]).toEqual(['Added local: 3 tables\n', 'Connecting to local\n']);
  });

  it('needs no runtime with --no-test', async () => {
    const { stdout, stderr, addKtxConnection } = await run({ ...add, test: false });
    expect(addKtxConnection.mock.calls[0]?.[0]).not.toHaveProperty('managedDaemon');
    expect([stdout, stderr]).toEqual(['Added local: not tested\n', '']);
  });

  it('names the files of stored secrets, and prints the warnings of the test', async () => {
    const addKtxConnection = async () =>
      changed({ storedSecrets: ['/secrets/local'], test: { ...tested, warnings: ['ada is a superuser'] } });
    const { stdout, stderr } = await run(add, { ...stubs(), addKtxConnection: vi.fn(addKtxConnection) });
    expect(stdout).toBe('Added local: 3 tables\nStored its secret in /secrets/local, which only you can read\n');
    expect(stderr).toContain('Warning: ada is a superuser\n');
  });

  it('writes nothing after a failed test', async () => {
    const calls = { ...stubs(), addKtxConnection: vi.fn(failing) };
    await expect(run(add, calls)).rejects.toMatchObject({ code: 'KTX_CONNECTION_FAILED' });
    expect(calls.addKtxConnection).toHaveBeenCalledOnce();
  });

  it('writes it untested after a failed test with --force', async () => {
    const calls = { ...stubs(), addKtxConnection: stubs().addKtxConnection.mockImplementationOnce(failing) };
    const { stdout, stderr } = await run({ ...add, force: true }, calls);
    expect(calls.addKtxConnection.mock.calls.map(([{ test }]) => test)).toEqual([true, undefined]);
    expect(stderr).toContain('Warning: The server refused the login\n');
    expect(stdout).toBe('Added local: not tested\n');
  });

  it('writes nothing after an interruption of the test, also with --force', async () => {
    const controller = new AbortController();
    const addKtxConnection = vi.fn(async () => {
      controller.abort();
      return failing();
    });
    const testIo = makeIo({ signal: controller.signal });
    await expect(run({ ...add, force: true }, { ...stubs(), addKtxConnection }, testIo)).rejects.toThrow();
    expect(addKtxConnection).toHaveBeenCalledOnce();
  });

  it('changes all environments, so that it uses none', async () => {
    const { loadKtxProject, addKtxConnection } = await run(add, stubs(), makeIo({ environment: 'prod' }));
    expect(loadKtxProject).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop', environment: '' });
    expect(addKtxConnection).toHaveBeenCalledOnce();
  });

  it('asks on a terminal for what the flags lack, and suggests a name that is free', async () => {
    const { enter } = KEYS;
    const answers: Answer[] = [
      ['What does the connection lead to?', enter],
      ['Name of the connection', enter],
      ...['host', 'port', 'user', 'password', 'database'].map((key): Answer => [`PostgreSQL: ${key}`, enter]),
    ];
    const calls = stubs({ connections: [connection('warehouse'), connection('warehouse-2')] });
    const terminal = fakeTerminal(answers);
    await run({ ...change, command: 'add' }, calls, terminal);
    expect(terminal.unasked()).toEqual([]);
    expect(calls.addKtxConnection.mock.calls[0]?.[0]).toMatchObject({
      ...{ connectionId: 'warehouse-3', secrets: {} },
      connection: { readonly: true, driver: 'postgres', host: 'localhost', port: 5432 },
    });
  });

  it('is one document with --json', async () => {
    expect(JSON.parse((await run({ ...add, json: true })).stdout)).toEqual(changed({ test: tested }));
  });
});

describe('edit', () => {
  const edit = { ...add, command: 'edit', keys: { path: 'b.db' } } as const;

  it('changes the given keys of the only connection, and removes others', async () => {
    const { connectionId: _, ...only } = { ...edit, unset: ['schemas'] };
    const { stdout, editKtxConnection, addKtxConnection } = await run(only);
    expect(editKtxConnection).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ connectionId: 'warehouse', connection: { path: 'b.db' }, unset: ['schemas'] }),
    );
    expect(addKtxConnection).not.toHaveBeenCalled();
    expect(stdout).toBe('Changed local: 3 tables\n');
  });

  it('rejects if there is nothing to change', async () => {
    const calls = stubs();
    await expect(run({ ...edit, keys: {} }, calls)).rejects.toMatchObject({
      ...{ code: 'KTX_ARGUMENT_INVALID', message: 'Nothing to change in local' },
      next: 'See the flags with: ktx connection edit --help',
    });
    expect(calls.editKtxConnection).not.toHaveBeenCalled();
    await run({ ...edit, keys: {}, unset: ['path'] }, calls);
    expect(calls.editKtxConnection).toHaveBeenCalledOnce();
  });

  it('sets the secret of the driver that the connection has', async () => {
    const connections = [connection('bi', 'looker')];
    const secret = { kind: 'reference', reference: 'file:secret' } as const;
    const args = { ...edit, connectionId: 'bi', keys: {}, secret };
    const { editKtxConnection } = await run(args, stubs({ connections }));
    expect(editKtxConnection.mock.calls[0]?.[0]).toMatchObject({ connection: { client_secret: 'file:secret' } });
  });
});

describe('remove', () => {
  const remove: ArgsOf<'remove'> = { command: 'remove', projectDir: '/shop', connectionId: 'my shop', yes: false };

  it('is confirmed by a flag, or on a terminal', async () => {
    const flag = await run({ ...remove, yes: true });
    expect(flag.removeKtxConnection).toHaveBeenCalledExactlyOnceWith({ projectDir: '/shop', connectionId: 'my shop' });
    const end = '. Its scans and semantic sources are kept\n';
    expect(flag.stdout).toBe(`Removed local from ktx.yaml${end}`);
    const terminal = fakeTerminal([['Remove the connection my shop from ktx.yaml?', 'y']]);
    const calls = { ...stubs(), removeKtxConnection: vi.fn(async () => changed({ removedSecrets: ['a', 'b'] })) };
    expect((await run(remove, calls, terminal)).stdout).toBe(`Removed local from ktx.yaml, and 2 stored secrets${end}`);
  });

  it.each([
    ['without a terminal', () => makeIo()],
    ['by default', () => fakeTerminal([['Remove the connection', KEYS.enter]])],
  ])('is not done %s', async (_, createIo) => {
    const calls = stubs();
    await expect(run(remove, calls, createIo())).rejects.toMatchObject({
      message: 'The connection my shop was not removed',
      next: 'Confirm it with: ktx connection remove "my shop" --yes',
    });
    expect(calls.removeKtxConnection).not.toHaveBeenCalled();
  });
});

describe('test', () => {
  const test: ArgsOf<'test'> = { ...daemon, command: 'test', all: false };

  it('connects to the only connection, in the environment of the command', async () => {
    const calls = {
      ...stubs(),
      testKtxConnection: vi.fn(async () => ({
        ...{ ...tested, tableCount: 1, limitations: ['KTX has no foreign keys of it'], warnings: ['a superuser'] },
      })),
    };
    const { code, stdout, stderr, io } = await run(test, calls, makeIo({ environment: 'prod' }));
    expect(code).toBe(0);
    expect(calls.testKtxConnection).toHaveBeenCalledExactlyOnceWith({
      ...{ projectDir: '/shop', connectionId: 'warehouse', environment: 'prod' },
      managedDaemon: daemonOptionsOf(io),
    });
    expect(stdout).toBe('Connected to local (sqlite): 1 table\n  KTX has no foreign keys of it\n');
    expect(stderr).toContain('Warning: a superuser\n');
  });

  it('counts models and explores of Looker', async () => {
    const looker = { ...tested, driver: 'looker', tableCount: 0, modelCount: 1, exploreCount: 4 };
    const calls = { ...stubs(), testKtxConnection: vi.fn(async () => looker) };
    expect((await run(test, calls)).stdout).toBe('Connected to local (looker): 1 model, 4 explores\n');
  });

  it('needs a name if there are several', async () => {
    const of = { connections: [connection('a'), connection('b')] };
    await expect(run(test, stubs(of))).rejects.toMatchObject({ next: 'Name one of them' });
  });

  const two = { connections: [connection('a'), connection('b')] };
  /** Fails for the first of both connections. */
  const oneFails = () => ({
    ...stubs(two),
    testKtxConnection: stubs().testKtxConnection.mockImplementationOnce(failing),
  });

  it('of all continues after a failure, and the exit code is 1', async () => {
    const { code, stdout } = await run({ ...test, all: true }, oneFails());
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      ...['CONNECTION  TEST    RESULT', 'a           failed  The server refused the login. Check the password'],
      ...['b           ok      3 tables', ''],
    ]);
    expect((await run({ ...test, all: true }, stubs(two))).code).toBe(0);
  });

  it('of all is one document with --json, with the code and the reason of failures', async () => {
    const { stdout } = await run({ ...test, all: true, json: true }, oneFails());
    const error = {
      ...{ code: 'KTX_CONNECTION_FAILED', message: 'The server refused the login', hint: 'Check the password' },
      reason: 'authentication_failed',
    };
    expect(JSON.parse(stdout).connections).toEqual([
      { ok: false, connectionId: 'a', error },
      { ok: true, ...tested, connectionId: 'b' },
    ]);
  });

  it('of all has none to test in a new project', async () => {
    const { code, stdout } = await run({ ...test, all: true }, stubs({ connections: [] }));
    expect([code, stdout]).toEqual([0, 'No connections yet: add one with ktx connection add ID\n']);
  });

  it('of all ends with an interruption', async () => {
    const controller = new AbortController();
    const testKtxConnection = vi.fn(async () => {
      controller.abort();
      return failing();
    });
    const testIo = makeIo({ signal: controller.signal });
    await expect(run({ ...test, all: true }, { ...stubs(two), testKtxConnection }, testIo)).rejects.toThrow();
    expect(testKtxConnection).toHaveBeenCalledOnce();
  });
});
