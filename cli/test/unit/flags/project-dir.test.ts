import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { route } from '../../support/commands.js';

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'ktx-dir-')));
  return () => rm(dir, { recursive: true, force: true });
});

describe('the folder of KTX_PROJECT_DIR', () => {
  it('is used if it has a project', async () => {
    await writeFile(join(dir, 'ktx.yaml'), '');
    const { calls } = await route(['status'], { cwd: '/', env: { KTX_PROJECT_DIR: dir } });
    expect(calls).toEqual([{ group: 'status', args: { projectDir: dir, cliVersion: '0.2.0' } }]);
  });

  it('is an error without a project, and not searched upwards', async () => {
    await writeFile(join(dir, 'ktx.yaml'), '');
    const folder = join(dir, 'nested');
    const { code, stderr, calls } = await route(['status'], { cwd: dir, env: { KTX_PROJECT_DIR: folder } });
    expect([code, calls]).toEqual([1, []]);
    expect(stderr).toBe(
      `Error: KTX_PROJECT_DIR is ${folder}, which has no ktx.yaml\n` +
        'Next: Correct the variable, unset it, or create a project there with: ktx init\n',
    );
  });

  it('is not used if it is empty, or with --project-dir', async () => {
    await writeFile(join(dir, 'ktx.yaml'), '');
    const empty = await route(['status'], { cwd: dir, env: { KTX_PROJECT_DIR: '' } });
    const flag = await route(['status', '--project-dir', dir], { env: { KTX_PROJECT_DIR: '/no/such/folder' } });
    for (const { calls } of [empty, flag]) expect(calls[0]?.args).toMatchObject({ projectDir: dir });
  });
});

describe('commands of a project', () => {
  it.each<[string[], string, object]>([
    [['status', '--json'], 'status', { cliVersion: '0.2.0', json: true }],
    [['history'], 'history', { top: 20 }],
    [
      ['history', '--top', '3', '--table', 'a.b', '--format', 'tsv'],
      'history',
      { top: 3, table: 'a.b', format: 'tsv' },
    ],
    [['history', '--connection-id', 'w', '--json'], 'history', { top: 20, connectionId: 'w', json: true }],
    [['trust'], 'trust', {}],
  ])('map %j', async (words, group, args) => {
    const { code, calls } = await route([...words, '--project-dir', '/shop']);
    expect([code, calls]).toEqual([0, [{ group, args: { projectDir: resolve('/shop'), ...args } }]]);
  });

  it('trust a folder that is named', async () => {
    const { calls } = await route(['trust', 'shop'], { cwd: '/work' });
    expect(calls[0]?.args).toEqual({ projectDir: resolve('/work/shop') });
    const { code, stderr } = await route(['trust', '']);
    expect([code, stderr]).toEqual([1, 'Error: The argument dir needs a folder\n']);
  });

  it('reject a number of statements that is none', async () => {
    const { code, stderr } = await route(['history', '--top', '0', '--project-dir', '/shop']);
    expect(code).toBe(1);
    expect(stderr).toContain('It must be an integer of at least 1');
  });
});
