import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KtxProject } from '@kaelio/ktx';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { LoadContext } from '../../src/node/context.js';
import { SharedResults } from '../../src/node/shared-results.js';
import { stampOf } from '../../src/node/stamp.js';

/** A time after which all files of the tests were changed. */
const later = () => Date.now() + 60_000;

let folder: string;

const write = async (name: string, text = 'x') => {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ktx-stamp-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await write('ktx.yaml');
  await write('semantic-layer/wh/orders.yaml');
  await write('raw-sources/wh/live-database/1/tables/orders.json');
});

describe('the stamp of a project', () => {
  it.each([
    'ktx.yaml',
    '.ktx/db.sqlite',
    '.ktx/db.sqlite-wal',
    'semantic-layer/metrics.yaml',
    'semantic-layer/wh/orders.yaml',
    'notes/a/b.md',
    'relationships/wh.yaml',
    'raw-sources/wh/live-database/2/connection.json',
    'raw-sources/wh/historic-sql/1/templates.json',
  ])('changes with %s', async (name) => {
    const before = stampOf(folder, later());
    expect(stampOf(folder, later())).toBe(before);
    await write(name, 'another text');
    expect(typeof before).toBe('string');
    expect(stampOf(folder, later())).not.toBe(before);
  });

  it('does not change with what no page shows, and with the empty log of a reader', async () => {
    const before = stampOf(folder, later());
    await write('.ktx/open.html');
    await write('.ktx/db.sqlite-wal', '');
    await write('README.md');
    expect(stampOf(folder, later())).toBe(before);
  });

  it('changes with a text of the same length and time', async () => {
    const file = await write('notes/a.md', 'one');
    await utimes(file, 1, 1);
    const before = stampOf(folder, later());
    await rm(file);
    await utimes(await write('notes/a.md', 'two'), 1, 1);
    expect(stampOf(folder, later())).not.toBe(before);
  });

  it('is not known just after a change', async () => {
    await write('notes/a.md');
    expect(stampOf(folder)).toBeUndefined();
  });
});

describe('results that requests share', () => {
  const project = { projectDir: '/project', connections: [] } as unknown as KtxProject;
  let stamp: string | undefined;
  let shared: SharedResults;
  const load = (compute: () => Promise<number>) =>
    new LoadContext(project, undefined, true, shared.of(project.projectDir)).once('key', compute);

  beforeEach(() => {
    stamp = 'one';
    shared = new SharedResults(() => stamp);
  });

  it('are computed once until the files change', async () => {
    expect(await load(async () => 1)).toBe(1);
    expect(await load(async () => 2)).toBe(1);
    stamp = 'two';
    expect(await load(async () => 3)).toBe(3);
    stamp = 'one';
    expect(await load(async () => 4)).toBe(4);
  });

  it('are not shared while files change', async () => {
    stamp = undefined;
    expect(await load(async () => 1)).toBe(1);
    expect(await load(async () => 2)).toBe(2);
  });

  it('are computed again after a failure', async () => {
    const failing = load(async () => {
      throw new Error('locked');
    });
    await expect(failing).rejects.toThrow('locked');
    expect(await load(async () => 2)).toBe(2);
  });
});
