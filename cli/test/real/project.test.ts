import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ktx, temporaryDir } from '../support/ktx.js';
import { writeProject, writeShop } from '../support/shop.js';

describe('ktx init', () => {
  it('creates a project that commands find from a subfolder', async () => {
    const cwd = await temporaryDir();
    const created = await ktx(['init', 'my shop', '--name', 'Größe'], { cwd });
    expect(created.code).toBe(0);
    expect(created.stdout).toContain(`Created the project Größe in ${join(cwd, 'my shop')}`);
    const below = join(cwd, 'my shop', 'models');
    await mkdir(below);
    const list = await ktx(['connection', 'list'], { cwd: below });
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toContain(join(cwd, 'my shop', 'ktx.yaml'));
  });

  it('rejects a folder with a project, and leaves it unchanged', async () => {
    const cwd = await temporaryDir();
    await writeFile(join(cwd, 'ktx.yaml'), 'project: mine # by hand\n');
    const { code, stderr } = await ktx(['init'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: .*ktx\.yaml\nNext: .*choose another folder\n/);
    expect(await readFile(join(cwd, 'ktx.yaml'), 'utf8')).toBe('project: mine # by hand\n');
  });
});

describe('ktx connection', () => {
  it('lists connections without their secrets', async () => {
    const cwd = await temporaryDir();
    await writeProject(
      cwd,
      [
        '  warehouse: { driver: postgres, url: "postgres://reader:hunter2@db.example.com:5433/shop", readonly: true }',
        '  other: { driver: postgres, url: env:OTHER_URL, readonly: true }',
        '  local: { driver: sqlite, path: ./shop.db, readonly: true }',
        '',
      ].join('\n'),
    );
    const text = await ktx(['connection', 'list'], { cwd });
    const json = await ktx(['connection', 'list', '--json'], { cwd });
    expect(text.stdout).toContain('db.example.com:5433');
    expect(text.stdout).toContain('env:OTHER_URL');
    expect(`${text.stdout}${text.stderr}${json.stdout}`).not.toContain('hunter2');
    expect(
      JSON.parse(json.stdout)
        .connections.map(({ id }: { id: string }) => id)
        .sort(),
    ).toEqual(['local', 'other', 'warehouse']);
  });

  it('tests a SQLite file', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const { code, stdout } = await ktx(['connection', 'test', 'local'], { cwd });
    expect(stdout).toMatch(/^Connected to local \(sqlite\): 3 tables\n {2}SQLite keeps no/);
    expect(code).toBe(0);
  });

  it('suggests similar connections for an unknown one', async () => {
    const cwd = await temporaryDir();
    await writeShop(cwd);
    const { code, stderr, stdout } = await ktx(['connection', 'test', 'locla'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/Error: .*locla.*\blocal\b/);
  });

  it('reports line and column of a wrong type in ktx.yaml', async () => {
    const cwd = await temporaryDir();
    await writeFile(join(cwd, 'ktx.yaml'), 'project: shop\nconnections:\n  local: 17\n');
    const { code, stderr, stdout } = await ktx(['connection', 'list', '--json'], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error.code).toBe('KTX_PROJECT_INVALID');
    expect(stderr).toMatch(/^Error: .*ktx\.yaml:3:\d+: .+\nNext: Correct ktx\.yaml/);
  });

  it('warns of an unknown key with the nearest known key, and continues', async () => {
    const cwd = await temporaryDir();
    await writeFile(join(cwd, 'ktx.yaml'), 'project: shop\nconections: {}\n');
    const { code, stderr } = await ktx(['connection', 'list'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Warning: .*conections.*connections/);
  });

  it('prints the next step if there is no project', async () => {
    const cwd = await temporaryDir();
    for (const args of [
      ['connection', 'list'],
      ['scan', 'status'],
      ['connection', 'list', '--project-dir', cwd],
    ]) {
      const { code, stderr } = await ktx(args, { cwd });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Error: .*ktx\.yaml[\s\S]*: ktx init/);
    }
  });
});
