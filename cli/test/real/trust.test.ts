/** Projects from elsewhere: trust, ownership and links out of the project. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KTX, ktx, start, temporaryDir } from '../support/ktx.js';
import { startMcpSession } from '../support/mcp.js';
import { writeProject, writeShop } from '../support/shop.js';

const isRoot = process.getuid?.() === 0;

/** A project from elsewhere, and a configuration folder without trusted projects. */
async function clone(connections = '  w: { driver: postgres, url: env:W_URL, readonly: true }\n') {
  const [cwd, config] = [await temporaryDir(), await temporaryDir()];
  await writeProject(cwd, connections);
  const env = {
    W_URL: 'postgresql://reader:hunter2@127.0.0.1:9/shop',
    KTX_TRUST: undefined,
    XDG_CONFIG_HOME: config,
    APPDATA: config,
  };
  return { cwd, env };
}

describe('a project from elsewhere', () => {
  const commands = [
    ['connection', 'test', 'w'],
    ['scan', 'w'],
    ['ingest', 'run', '--connection-id', 'w', '--adapter', 'live-database'],
    ['ingest', 'run', '--connection-id', 'w', '--adapter', 'live-database', '--json'],
  ];
  it.each(commands)('is rejected without a terminal: %s %s %s', async (...command) => {
    const { cwd, env } = await clone();
    const { code, stdout, stderr } = await ktx(command, { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: The project .* was not made here, and its connection w refers to env:W_URL$/m);
    expect(stderr).toContain(`Next: If you trust it, run: ktx trust "${cwd}"`);
    expect(stdout + stderr).not.toContain('hunter2');
    if (command.includes('--json')) expect(JSON.parse(stdout).error.code).toBe('KTX_PROJECT_UNTRUSTED');
  });

  it('is used after ktx trust, with --trust, and with KTX_TRUST=1', async () => {
    const { cwd, env } = await clone();
    const test = async (flags: string[] = [], variables = {}) =>
      (await ktx(['connection', 'test', 'w', ...flags], { cwd, env: { ...env, ...variables } })).stderr;
    expect(await test(['--trust'])).toContain('127.0.0.1:9/shop cannot be reached');
    expect(await test([], { KTX_TRUST: '1' })).toContain('127.0.0.1:9/shop cannot be reached');
    expect(await test([], { KTX_TRUST: 'perhaps' })).toContain('KTX_TRUST is neither 1 nor never');
    expect(await test()).toContain('was not made here');
    const trusted = await ktx(['trust', cwd], { env });
    expect(trusted.stdout).toBe(`Trusted ${cwd} with the references of 1 connection:\n  w: env:W_URL\n`);
    expect(await test()).toContain('127.0.0.1:9/shop cannot be reached');
    await writeProject(cwd, '  w: { driver: postgres, url: env:W_URL, readonly: true, schemas: [other] }\n');
    expect(await test()).toContain('was not made here');
    const json = await ktx(['trust', '--json'], { cwd, env });
    expect(JSON.parse(json.stdout)).toEqual({
      projectDir: cwd,
      references: [{ connectionId: 'w', references: ['env:W_URL'], target: null }],
    });
    expect(await test()).toContain('127.0.0.1:9/shop cannot be reached');
  });

  it('is trusted with --trust before its driver is installed', async () => {
    const { cwd, env } = await clone('  w: { driver: bigquery, url: bigquery://shop/sales, readonly: true }\n');
    expect((await ktx(['connection', 'test', 'w'], { cwd, env })).stderr).toContain('the credentials of this machine');
    for (const command of [['connection', 'test'], ['scan']]) {
      const { stderr } = await ktx([...command, 'w', '--trust', '--no-input'], { cwd, env });
      expect(stderr).toContain('--feature bigquery');
    }
  });

  it('is rejected for agents without --trust', async () => {
    const { cwd, env } = await clone();
    const { failing } = await startMcpSession({ cwd, env }, ['--execute-queries']);
    for (const [name, args] of [
      ['connection_test', {}],
      ['scan_run', {}],
      ['ingest_run', { adapter: 'live-database' }],
      ['sql_execute', { sql: 'SELECT 1' }],
    ] as const) {
      const error = await failing(name, { connectionId: 'w', ...args });
      expect(error).toMatchObject({ code: 'KTX_PROJECT_UNTRUSTED', hint: expect.stringContaining('ktx trust ') });
    }
    const trusting = await startMcpSession({ cwd, env }, ['--execute-queries', '--trust']);
    for (const name of ['connection_test', 'scan_run']) {
      expect((await trusting.failing(name, { connectionId: 'w' })).message).toContain('cannot be reached');
    }
  });

  it('needs no trust if it refers to nothing outside the project', async () => {
    const { cwd, env } = await clone();
    await writeShop(cwd);
    expect((await ktx(['scan', 'local'], { cwd, env })).stdout).toContain('Scanned local');
    expect((await ktx(['trust'], { cwd, env })).stdout).toContain('refers to nothing outside the project');
  });

  it.skipIf(!isRoot)('is rejected if it belongs to another user', async () => {
    const { cwd, env } = await clone();
    await writeShop(cwd);
    const below = join(cwd, 'deep', 'er');
    await mkdir(below, { recursive: true });
    await chown(join(cwd, 'ktx.yaml'), 65534, 65534);
    for (const command of [
      ['connection', 'list'],
      ['scan', 'local'],
      ['scan', 'status'],
      ['sl', 'list'],
    ]) {
      const { code, stderr } = await ktx(command, { cwd: below, env });
      expect([code, stderr]).toEqual([1, expect.stringContaining('belongs to another user (uid 65534)')]);
      expect(stderr).toContain('Next: If you trust it, run: ktx trust ');
    }
    expect((await ktx(['connection', 'list'], { cwd, env: { ...env, SUDO_UID: '65534' } })).code).toBe(0);
    await ktx(['trust'], { cwd, env });
    expect((await ktx(['connection', 'list'], { cwd, env })).code).toBe(0);
  });

  it.skipIf(process.platform === 'win32')('writes nothing through links', async () => {
    for (const link of [
      'raw-sources',
      'raw-sources/local/live-database',
      '.ktx',
      '.ktx/db.sqlite',
      'semantic-layer/local',
    ]) {
      const [{ cwd, env }, victim] = [await clone(), await temporaryDir()];
      await writeShop(cwd);
      await writeFile(join(victim, 'precious'), 'x');
      await mkdir(join(victim, '.partial-x'));
      if (link.startsWith('semantic')) await ktx(['scan', 'local'], { cwd, env });
      await mkdir(join(cwd, link, '..'), { recursive: true });
      await symlink(link.endsWith('sqlite') ? join(victim, 'precious') : victim, join(cwd, link));
      const { code, stderr } = await ktx(link.startsWith('semantic') ? ['sl', 'generate'] : ['scan', 'local'], {
        cwd,
        env,
      });
      expect([link, code, stderr]).toEqual([
        link,
        1,
        expect.stringContaining('is a link that leads out of the project'),
      ]);
      expect(readdirSync(victim).sort()).toEqual(['.partial-x', 'precious']);
      expect(readFileSync(join(victim, 'precious'), 'utf8')).toBe('x');
    }
  });
});

describe('the store', () => {
  // Root may read everything, so the commands run as another user.
  it.skipIf(!isRoot)(
    'is read without write permission, and an unreadable one is reported with the next step',
    async () => {
      const { cwd, env } = await clone();
      await writeShop(cwd);
      expect((await ktx(['scan', 'local'], { cwd, env })).code).toBe(0);
      const asOtherUser = async (...command: string[]) => {
        const words = [
          'setpriv',
          '--reuid=65534',
          '--regid=65534',
          '--clear-groups',
          process.execPath,
          KTX,
          ...command,
        ];
        return start('/usr/bin/env', words, { cwd, env: { ...env, KTX_TRUST: '1' } }).finished;
      };
      await chmod(cwd, 0o755);
      const listed = await asOtherUser('scan', 'status', '--project-dir', cwd);
      expect([listed.code, listed.stderr]).toEqual([0, '']);
      expect(listed.stdout).toContain('local');
      await chmod(join(cwd, '.ktx', 'db.sqlite'), 0o600);
      const refused = await asOtherUser('scan', 'status', '--project-dir', cwd);
      expect([refused.code, refused.stderr]).toEqual([
        1,
        expect.stringContaining('Check the owner and the permissions'),
      ]);
      expect(refused.stderr).not.toContain('KTX_DEBUG');
    },
  );
});

it.skipIf(process.platform === 'win32')('creates files that others cannot write, with any umask', async () => {
  const { cwd, env } = await clone();
  await writeShop(cwd);
  const script = 'umask 000; "$1" "$2" scan local && "$1" "$2" sl generate';
  const { code, stderr } = await start('sh', ['-c', script, 'sh', process.execPath, KTX], { cwd, env }).finished;
  expect([code, stderr]).toEqual([0, expect.anything()]);
  const files = ['.ktx', 'raw-sources', 'semantic-layer'].flatMap((folder) =>
    readdirSync(join(cwd, folder), { recursive: true }).map((name) => join(cwd, folder, String(name))),
  );
  expect(files.some((file) => file.endsWith('db.sqlite'))).toBe(true);
  expect(files.some((file) => file.endsWith('orders.json'))).toBe(true);
  expect(files.filter((file) => (statSync(file).mode & 0o002) !== 0)).toEqual([]);
});

it.skipIf(process.platform === 'win32')('reports a deleted working folder', async () => {
  const cwd = await temporaryDir();
  const script = `cd "$1" && rm -r "$1" && shift && exec "$@"`;
  for (const command of [['init'], ['scan', 'x'], ['connection', 'list'], ['setup', 'demo', '--no-input'], ['trust']]) {
    await mkdir(cwd, { recursive: true });
    const { code, stderr } = await start('sh', ['-c', script, 'sh', cwd, process.execPath, KTX, ...command]).finished;
    expect([code, stderr]).toEqual([1, expect.stringContaining('Error: The working folder no longer exists')]);
    expect(stderr).toContain('Next: Change to a folder that exists');
  }
  await rm(cwd, { recursive: true, force: true });
});
