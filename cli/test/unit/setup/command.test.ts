import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { route } from '../../support/commands.js';

const guided = {
  ...{ command: 'guided', projectDir: resolve('/shop'), cliVersion: '0.2.0', installPolicy: 'prompt', yes: false },
  ...{ connection: { keys: {}, secret: { kind: 'none' } }, tables: {}, question: true, agents: {} },
};

async function setup(...flags: string[]) {
  const { code, stderr, calls } = await route(['setup', '--project-dir', '/shop', ...flags]);
  expect([code, stderr]).toEqual([0, '']);
  expect(calls).toHaveLength(1);
  return calls[0];
}

describe('ktx setup', () => {
  it('asks for everything by default', async () => {
    expect(await setup()).toEqual({ group: 'setup', args: guided });
  });

  it.each<[string[], object]>([
    [['--yes'], { yes: true, installPolicy: 'auto' }],
    [['--no-input'], { installPolicy: 'never' }],
    [['--name', 'Shop'], { projectName: 'Shop' }],
    [['--json', '--trust'], { json: true, trust: 'always' }],
    [['--no-question'], { question: false }],
    [['--agent', 'codex', 'cursor'], { agents: { clients: ['codex', 'cursor'] } }],
    [['--no-agents'], { agents: { clients: [] } }],
    [['--execute-queries'], { agents: { executeQueries: true } }],
    [['--no-execute-queries'], { agents: { executeQueries: false } }],
    [['--schema', 'a', 'b', '--include', 'x.*'], { tables: { schemas: ['a', 'b'], include: ['x.*'] } }],
    [['--exclude', 'tmp_*'], { tables: { exclude: ['tmp_*'] } }],
  ])('maps %j', async (flags, expected) => {
    expect((await setup(...flags))?.args).toEqual({ ...guided, ...expected });
  });

  it('maps the keys of a connection, without its schemas, which select tables', async () => {
    const keys = ['--driver', 'postgres', '--host', 'db', '--port', '5433', '--schema', 'a', '--password-stdin'];
    expect((await setup(...keys, '--connection-id', 'w', '--dbt-profile', 'shop.dev'))?.args).toEqual({
      ...guided,
      connection: {
        ...{ keys: { driver: 'postgres', host: 'db', port: 5433 }, secret: { kind: 'stdin' } },
        ...{ connectionId: 'w', dbtProfile: 'shop.dev' },
      },
      tables: { schemas: ['a'] },
    });
  });

  it.each([
    [['--port', '0'], '--port is not a number from 1 to 65535'],
    [['--password-env', 'A', '--password-stdin'], 'exclude each other'],
    [['--agent', 'nope'], "option '--agent <client...>' argument 'nope' is invalid"],
    [['--yes', '--no-input'], 'Choose only one runtime install mode'],
  ])('rejects %j', async (flags, message) => {
    const { code, stderr, calls } = await route(['setup', '--project-dir', '/shop', ...flags]);
    expect([code, calls]).toEqual([1, []]);
    expect(stderr).toContain(message);
  });
});

describe('the folder', () => {
  it('is that of KTX_PROJECT_DIR, which need not exist', async () => {
    const { calls } = await route(['setup'], { cwd: '/work', env: { KTX_PROJECT_DIR: 'shop' } });
    expect(calls[0]?.args).toMatchObject({ projectDir: resolve('/work/shop') });
  });

  it('is the working folder if no project is there or above', async () => {
    expect((await route(['setup'], { cwd: '/no/such/folder' })).calls[0]?.args).toMatchObject({
      projectDir: '/no/such/folder',
    });
  });
});
