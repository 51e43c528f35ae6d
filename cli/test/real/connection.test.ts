/** `ktx connection add|edit|remove|test` on a PostgreSQL server and on SQLite files. */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ktx, type ProcessOptions, startKtx, temporaryDir } from '../support/ktx.js';
import { createDatabase } from '../support/postgres.js';
import { runSqlite, SHOP_SQL, writeShop } from '../support/shop.js';

const PASSWORD = 'p@:/?#%[ä] "quoted" \'n';

/** An empty project, and a role of the server with a password that has to be encoded in a URL. */
async function createFixture() {
  const cwd = await temporaryDir();
  await writeFile(join(cwd, 'ktx.yaml'), '# mine\nproject: shop\nconnections: # none yet\n');
  const database = await createDatabase();
  const url = new URL(database.url);
  const role = `Ada ${url.pathname.slice(1)}`;
  await database.execute(
    'CREATE TABLE orders (id int)',
    `CREATE ROLE "${role}" LOGIN PASSWORD '${PASSWORD.replaceAll("'", "''")}'`,
    `GRANT SELECT ON orders TO "${role}"`,
  );
  const drop = () => database.execute(`DROP OWNED BY "${role}"`, `DROP ROLE "${role}"`);
  const address = ['--host', url.hostname, '--port', url.port, '--user', role, '--database', url.pathname.slice(1)];
  return { cwd, role, url, drop, address, config: () => readFile(join(cwd, 'ktx.yaml'), 'utf8') };
}

/** Runs a command with a text on standard input. */
async function ktxWithInput(args: string[], input: string, options: ProcessOptions) {
  const running = startKtx(args, { ...options, input: true });
  running.child.stdin?.end(input);
  return running.finished;
}

describe('ktx connection on PostgreSQL', () => {
  it('adds a connection by parts, with a stored password of any letters', async () => {
    const { cwd, address, config, drop } = await createFixture();
    const add = ['connection', 'add', 'warehouse', '--driver', 'postgres', ...address, '--password-stdin'];
    const added = await ktxWithInput(add, `${PASSWORD}\n`, { cwd });
    expect(added.stderr).not.toContain('Error');
    expect(added.stdout).toMatch(/^Added warehouse: 1 table\nStored its secret in .*, which only you can read\n$/);
    const text = await config();
    expect(text).toMatch(/^# mine\nproject: shop\nconnections: # none yet\n {2}warehouse:\n/);
    expect(text).toContain('password: file:');
    expect(text).not.toContain('p@');
    const file = /in (.*), which/.exec(added.stdout)?.[1] ?? '';
    expect((await stat(file)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
    expect((await ktx(['connection', 'test'], { cwd })).stdout).toMatch(
      /^Connected to warehouse \(postgres\): 1 table\n/,
    );
    expect((await ktx(['scan'], { cwd })).stdout).toContain('+ public.orders');
    const removed = await ktx(['connection', 'remove', '--yes'], { cwd });
    expect(removed.stdout).toMatch(/^Removed warehouse from ktx\.yaml, and 1 stored secret\./);
    await expect(stat(file)).rejects.toThrow('ENOENT');
    expect(await config()).toContain('# none yet');
    await drop();
  });

  it('names the reason of a failed test, and changes nothing', async () => {
    const { cwd, url, role, drop, address, config } = await createFixture();
    const before = await config();
    const at = (part: string, value: string) =>
      address.map((flag, index) => (address[index - 1] === part ? value : flag));
    const add = (flags: string[], password = PASSWORD, more: string[] = []) =>
      ktxWithInput(
        ['connection', 'add', 'w', '--driver', 'postgres', ...flags, '--password-stdin', ...more],
        password,
        { cwd },
      );
    const cases: [string[], string, RegExp, RegExp][] = [
      [address, 'wrong', /refused the login/, /Correct the user or the password, then add the connection again/],
      [
        at('--host', 'no.such.host.invalid'),
        PASSWORD,
        /host name 'no\.such\.host\.invalid' is not known/,
        /Correct the host/,
      ],
      [at('--port', '9'), PASSWORD, /connection refused/, /Check that the server runs/],
      [at('--database', 'nowhere'), PASSWORD, /has no database 'nowhere'/, /Correct the database/],
      [[...address, '--sslmode', 'verify-full'], PASSWORD, /TLS/, /Correct sslmode or the certificates/],
    ];
    for (const [flags, password, reason, hint] of cases) {
      const { code, stdout, stderr } = await add(flags, password);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(reason);
      expect(stderr).toMatch(hint);
      expect(await config()).toBe(before);
    }
    const forced = await add(address, 'wrong', ['--force']);
    expect([forced.code, forced.stdout.split('\n')[0]]).toEqual([0, 'Added w: not tested']);
    expect(forced.stderr).toContain('Warning: Cannot read the connection w');
    const all = await ktx(['connection', 'test', '--all', '--json'], { cwd });
    expect(all.code).toBe(1);
    expect(JSON.parse(all.stdout).connections).toEqual([
      {
        ok: false,
        connectionId: 'w',
        error: expect.objectContaining({ code: 'KTX_CONNECTION_FAILED', reason: 'authentication_failed' }),
      },
    ]);
    const edited = await ktx(['connection', 'edit', '--password-env', 'PW'], { cwd, env: { PW: PASSWORD } });
    expect(edited.stdout).toBe('Changed w: 1 table\n');
    expect(await config()).toContain('password: env:PW');
    const literal = `postgres://${encodeURIComponent(role)}:${encodeURIComponent(PASSWORD)}@${url.host}${url.pathname}`;
    const byUrl = await ktx(['connection', 'add', 'by-url', '--url', literal], { cwd });
    expect(byUrl.stdout).toMatch(/^Added by-url: 1 table\nStored its secret in /);
    expect(await config()).not.toContain(encodeURIComponent(PASSWORD));
    await drop();
  });
});

describe('ktx connection without a server', () => {
  it('uses the environment of --env and of KTX_ENV', async () => {
    const cwd = await temporaryDir();
    for (const name of ['dev', 'prod']) runSqlite(join(cwd, `${name}.db`), SHOP_SQL);
    runSqlite(join(cwd, 'prod.db'), 'CREATE TABLE stores (id INT)');
    await writeFile(
      join(cwd, 'ktx.yaml'),
      `connections: { w: { driver: sqlite, path: dev.db, readonly: true } }
environments: { prod: { connections: { w: { path: prod.db } } } }
`,
    );
    const test = async (args: string[], env = {}) => (await ktx(['connection', 'test', ...args], { cwd, env })).stdout;
    expect(await test([])).toContain('3 tables');
    expect(await test(['--env', 'prod'])).toContain('4 tables');
    expect(await test([], { KTX_ENV: 'prod' })).toContain('4 tables');
    expect((await ktx(['connection', 'list', '--env', 'prod'], { cwd })).stdout).toMatch(
      /prod\.db\n\nEnvironment: prod\n$/,
    );
    await ktx(['scan', 'w'], { cwd });
    const scan = await ktx(['scan', 'w', '--env', 'prod'], { cwd });
    expect(scan.stdout).toContain('+4 added');
    expect(scan.stderr).toContain('Warning: The last sync of w was without an environment');
    expect((await ktx(['table', '--env', 'prod'], { cwd })).stdout).toContain('stores');
    expect((await ktx(['table'], { cwd })).stdout).not.toContain('stores');
    const unknown = await ktx(['scan', '--env', 'stage'], { cwd });
    expect(unknown.stderr).toContain('There is no environment stage in ktx.yaml; available: prod');
    const edit = await ktx(['connection', 'edit', 'w', '--path', 'prod.db', '--env', 'prod'], { cwd });
    expect(edit.stderr).toContain('changes the connection of all environments');
  });

  it('finds the project of KTX_PROJECT_DIR from any folder', async () => {
    const [project, cwd] = [await temporaryDir(), await temporaryDir()];
    await writeShop(project);
    const test = await ktx(['connection', 'test'], { cwd, env: { KTX_PROJECT_DIR: project } });
    expect(test.stdout).toMatch(/^Connected to local \(sqlite\): 3 tables\n/);
    const missing = await ktx(['connection', 'list'], { cwd: project, env: { KTX_PROJECT_DIR: cwd } });
    expect(missing.stderr).toMatch(/^Error: KTX_PROJECT_DIR is .*, which has no ktx\.yaml\nNext: Correct the variable/);
    const flag = ['--project-dir', project, 'connection', 'list'];
    expect((await ktx(flag, { cwd, env: { KTX_PROJECT_DIR: cwd } })).code).toBe(0);
  });

  it('asks nothing without a terminal, and names the missing flags', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const fails = async (args: string[]) => (await ktx(['connection', ...args], { cwd })).stderr;
    expect(await fails(['add', 'x'])).toContain('Error: The connection needs --driver');
    expect(await fails(['add', 'x', '--driver', 'postgres'])).toContain('Error: The connection needs --host');
    expect(await fails(['add', 'x', '--driver', 'sqlite', '--path', 'no.db'])).toContain('does not exist');
    expect(await fails(['edit'])).toContain('Error: Nothing to change in local');
    expect(await fails(['remove'])).toContain('Confirm it with: ktx connection remove local --yes');
    await ktx(['connection', 'add', 'second', '--driver', 'sqlite', '--path', 'shop.db', '--no-test'], { cwd });
    expect(await fails(['test'])).toMatch(/several connections: local, second\nNext: Name one of them/);
    expect(await fails(['edit', 'second', '--password-env', 'A', '--password-stdin'])).toContain('exclude each other');
  });
});
