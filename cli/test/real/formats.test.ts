import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ktx, PACKAGE_DIR, temporaryDir } from '../support/ktx.js';
import { runSqlite, selectFromSqlite } from '../support/shop.js';

const FORMATS = join(PACKAGE_DIR, 'tests', 'formats');
const released = await readdir(FORMATS);
const SOURCE = 'semantic-layer/local/orders.yaml';
const STORE = '.ktx/db.sqlite';
const QUERY = ['sl', 'query', '--measure', 'orders.orders', '--dimension', 'customers.name', '--json'];

/** Copies the project of a released format. */
async function copyProject(version: string): Promise<string> {
  const cwd = await temporaryDir();
  await cp(join(FORMATS, version), cwd, { recursive: true });
  return cwd;
}

async function runJson(args: string[], cwd: string) {
  const { code, stdout, stderr } = await ktx(args, { cwd });
  expect(stderr).not.toContain('Error');
  expect(code, stdout).toBe(0);
  return JSON.parse(stdout);
}

describe.each(released)('a project of format %s', (version) => {
  it('opens with its runs and sources, and answers a query', async () => {
    const cwd = await copyProject(version);
    const [run] = (await runJson(['scan', 'status', '--json'], cwd)).runs;
    expect(run).toMatchObject({ connectionId: 'local', source: 'live-database', status: 'done' });
    expect(await runJson(['sl', 'validate', '--json'], cwd)).toMatchObject({ valid: true, errors: [] });
    const { result } = await runJson([...QUERY, '--execute'], cwd);
    expect(result.rows).toEqual([['Ada', 2]]);
  });

  it('is compared with its staged run, and its generated sources are recognised', async () => {
    const cwd = await copyProject(version);
    const { report } = await runJson(['scan', 'local', '--json'], cwd);
    expect(report.diffSummary).toEqual({ added: 0, modified: 0, deleted: 0, unchanged: 2 });
    const { sources } = await runJson(['sl', 'generate', '--json'], cwd);
    const actions = sources.map(({ name, action }: { name: string; action: string }) => [name, action]);
    expect(actions.sort()).toEqual([
      ['customers', 'unchanged'],
      ['orders', 'kept'],
    ]);
  });
});

describe('a file of a newer format', () => {
  const files = ['ktx.yaml', SOURCE, 'raw-sources/local/live-database/*/tables/main.orders.json'];

  async function resolvePattern(cwd: string, pattern: string): Promise<string> {
    const [before, after] = pattern.split('/*/');
    if (after === undefined) return join(cwd, pattern);
    const [sync = ''] = await readdir(join(cwd, before as string));
    return join(cwd, before as string, sync, after);
  }

  it.each(files)('%s is rejected with the required version and left unchanged', async (pattern) => {
    const cwd = await copyProject('0.1');
    const file = await resolvePattern(cwd, pattern);
    const newer = file.endsWith('.json')
      ? '{"version": 2, "requires": "0.9.0"}'
      : 'version: 2\nrequires: 0.9.0\nsomething: { new: here }\n';
    await writeFile(file, newer);
    const args = file.endsWith('.json') ? ['sl', 'generate'] : ['sl', 'query', '--measure', 'orders.orders'];
    const { code, stdout, stderr } = await ktx([...args, '--json'], { cwd });
    expect(code).toBe(1);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'KTX_FORMAT_NEWER', hint: 'Update KTX with: npm install @kaelio/ktx@0.9.0' });
    expect(error.message).toContain('has format 2 and needs KTX 0.9.0');
    expect(stderr).toContain('\nNext: Update KTX with: ');
    expect(await readFile(file, 'utf8')).toBe(newer);
    expect(await readdir(dirname(file))).not.toContain('.tmp');
  });

  it('the store is rejected as well, and no run is recorded in it', async () => {
    const cwd = await copyProject('0.1');
    const store = join(cwd, STORE);
    const migrate =
      "CREATE TABLE format (requires TEXT); INSERT INTO format VALUES ('0.9.0'); PRAGMA user_version = 2;";
    runSqlite(store, migrate);
    const { code, stdout } = await ktx(['scan', 'local', '--json'], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'KTX_FORMAT_NEWER',
      message: expect.stringContaining('needs KTX 0.9.0'),
    });
    expect(selectFromSqlite(store, 'SELECT count(*) FROM runs')).toEqual([[1]]);
  });
});
