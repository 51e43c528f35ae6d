import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ktx, temporaryDir } from '../support/ktx.js';
import { runSqlite, writeProject } from '../support/shop.js';

let cwd: string;

interface Item {
  area: string;
  name: string;
  state: string;
  detail: string;
  fix?: string;
  at?: string;
}

/** Runs `ktx status --json`, and returns the exit code and the lines by area. */
async function status(env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await ktx(['status', '--json'], { cwd, env });
  expect(stderr).not.toContain('Error');
  const { ok, items } = JSON.parse(stdout) as { ok: boolean; items: Item[] };
  expect(code).toBe(ok ? 0 : 1);
  return { ok, find: (area: string) => items.filter((item) => item.area === area) };
}

describe('ktx status', () => {
  beforeEach(async () => {
    cwd = await temporaryDir();
    runSqlite(join(cwd, 'shop.db'), 'CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)');
    await writeProject(cwd, '  local: { driver: sqlite, path: ./shop.db, readonly: true }\n');
  });

  it('names the command for each step, until everything works', async () => {
    const created = await status();
    expect(created.ok).toBe(false);
    const title = 'sqlite, ./shop.db';
    expect(created.find('connection')).toEqual([
      {
        area: 'connection',
        name: 'local',
        state: 'problem',
        detail: `${title}: not scanned yet`,
        fix: 'ktx scan local',
      },
    ]);
    expect(created.find('semantic-layer')[0]).toMatchObject({ state: 'warning', fix: 'ktx sl generate' });
    expect(created.find('agents')[0]).toMatchObject({ state: 'warning', fix: 'ktx agents install' });

    await ktx(['scan', 'local'], { cwd });
    await ktx(['sl', 'generate'], { cwd });
    expect((await ktx(['agents', 'install', '--client', 'codex'], { cwd })).code).toBe(0);
    const complete = await status();
    expect(complete.ok).toBe(true);
    const [connection] = complete.find('connection');
    expect(connection).toMatchObject({ state: 'ok', detail: `${title}: 1 table, read just now` });
    expect(Date.now() - Date.parse(connection?.at ?? '')).toBeLessThan(600_000);
    expect(complete.find('runtime')[0]?.detail).toMatch(/^ready, version .+, core.*, daemon running$/);
    expect(complete.find('semantic-layer')).toMatchObject([
      { name: 'local', state: 'ok', detail: '1 source, 1 measure: valid' },
    ]);
    expect(complete.find('agents')).toMatchObject([{ state: 'ok', detail: 'Codex CLI' }]);

    const { code, stdout } = await ktx(['status'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nConnections\n {2}local {2}ok {2}sqlite, \.\/shop\.db: 1 table, read just now\n/);
    expect(stdout).toMatch(/\nEverything works\n$/);
  });

  it('reports a failed scan, invalid sources, unknown keys and a missing consent to read', async () => {
    await ktx(['scan', 'local'], { cwd });
    await ktx(['sl', 'generate'], { cwd });
    await writeFile(
      join(cwd, 'semantic-layer', 'local', 'broken.yaml'),
      'name: broken\ntable: main.customers\ngrain: [nope]\n',
    );
    await rename(join(cwd, 'shop.db'), join(cwd, 'moved.db'));
    await writeFile(join(cwd, 'shop.db'), 'not a database');
    expect((await ktx(['scan', 'local'], { cwd })).code).toBe(1);
    const failed = await status();
    const [connection] = failed.find('connection');
    expect(connection).toMatchObject({ state: 'problem', fix: 'ktx scan local' });
    expect(connection?.detail).toMatch(/the last run failed just now: .*is not a SQLite database/);
    const [semantic] = failed.find('semantic-layer');
    expect(semantic).toMatchObject({ state: 'problem', fix: 'ktx sl validate --connection-id local' });
    expect(semantic?.detail).toMatch(/^2 sources, \d measures?: not valid, \d errors?$/);

    await writeProject(cwd, '  local: { driver: sqlite, path: ./shop.db, readonyl: true }\n');
    const changed = await status();
    expect(changed.find('project')[0]?.detail).toContain('readonyl');
    expect(changed.find('connection')[0]?.detail).toBe('sqlite, ./shop.db: not marked as read-only');
    const { stdout } = await ktx(['status'], { cwd });
    expect(stdout).toMatch(/\n2 problems\n$/);
  });

  it('installs and starts nothing', async () => {
    const home = await temporaryDir();
    await ktx(['scan', 'local'], { cwd });
    await ktx(['sl', 'generate'], { cwd });
    const { find } = await status({ KTX_RUNTIME_ROOT: home });
    expect(find('runtime')).toMatchObject([{ state: 'warning', fix: 'ktx runtime install --yes' }]);
    expect(find('semantic-layer')[0]).toMatchObject({ state: 'warning' });
    expect(find('semantic-layer')[0]?.detail).toContain('not checked without the runtime');
  });

  it('works in a project without connections', async () => {
    await writeProject(cwd, '');
    const { ok, find } = await status();
    expect(ok).toBe(false);
    expect(find('connection')).toMatchObject([{ state: 'problem', detail: 'none yet', fix: 'ktx setup' }]);
  });
});
