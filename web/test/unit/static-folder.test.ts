import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ForeignFolderError, StaticFolder } from '../../src/node/static-folder.js';

async function temporaryFolder(): Promise<string> {
  return path.join(await mkdtemp(path.join(tmpdir(), 'ktx-static-')), 'site ä');
}

async function build(folder: string, files: Record<string, string>, commit = true): Promise<void> {
  const opened = await StaticFolder.open(folder);
  try {
    for (const [name, content] of Object.entries(files)) await opened.write(name, content);
    if (commit) await opened.commit();
  } finally {
    await opened.close();
  }
}

async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const named = files.map(async (file) => [path.relative(folder, file), await readFile(file, 'utf8')] as const);
  const { '.ktx-docs.json': _, ...rest } = Object.fromEntries(await Promise.all(named));
  return rest;
}

describe('a folder of static files', () => {
  it('is replaced by a later build, whose files alone remain', async () => {
    const folder = await temporaryFolder();
    await build(folder, { 'index.html': '1', 'c/a/old.html': 'x', 'c/a/kept.html': '1' });
    await build(folder, { 'index.html': '2', 'c/a/kept.html': '2' });
    expect(await contentOf(folder)).toEqual({ 'index.html': '2', [path.join('c', 'a', 'kept.html')]: '2' });
  });

  it('keeps the files of others', async () => {
    const folder = await temporaryFolder();
    await build(folder, { 'index.html': '1' });
    await mkdir(path.join(folder, '.git'));
    await writeFile(path.join(folder, '.git', 'HEAD'), 'ref');
    await build(folder, { 'other.html': '2' });
    expect(await contentOf(folder)).toEqual({ 'other.html': '2', [path.join('.git', 'HEAD')]: 'ref' });
  });

  it('is refused, and not changed, if it has files that no build has written', async () => {
    const folder = await temporaryFolder();
    await mkdir(folder);
    await writeFile(path.join(folder, 'index.html'), 'mine');
    await expect(build(folder, { 'index.html': '1' })).rejects.toThrow(ForeignFolderError);
    expect(await contentOf(folder)).toEqual({ 'index.html': 'mine' });
  });

  it('is refused, and not changed, if a file of others stands in the way', async () => {
    const folder = await temporaryFolder();
    await build(folder, { 'index.html': '1' });
    await writeFile(path.join(folder, 'new.html'), 'mine');
    await expect(build(folder, { 'index.html': '2', 'new.html': '2' })).rejects.toThrow(ForeignFolderError);
    expect(await contentOf(folder)).toEqual({ 'index.html': '1', 'new.html': 'mine' });
  });

  it.each([
    ['a new file', '{"files":[]}'],
    ['a file to replace', '{"files":["assets/a.js"]}'],
    ['a file to remove', '{"files":["assets/mine.txt"]}'],
  ])('is refused, and not changed, if a link leads to the folder of %s', async (_, manifest) => {
    const folder = await temporaryFolder();
    const elsewhere = `${folder} elsewhere`;
    await mkdir(folder);
    await mkdir(elsewhere);
    await writeFile(path.join(elsewhere, 'mine.txt'), 'mine');
    await symlink(elsewhere, path.join(folder, 'assets'), 'junction');
    await writeFile(path.join(folder, '.ktx-docs.json'), manifest);
    await expect(build(folder, { 'index.html': '1', 'assets/a.js': '1' })).rejects.toThrow(ForeignFolderError);
    expect(await contentOf(elsewhere)).toEqual({ 'mine.txt': 'mine' });
    expect(await contentOf(folder)).toEqual({});
  });

  it('is refused, and not changed, if a file of others is in place of a folder', async () => {
    const folder = await temporaryFolder();
    await build(folder, { 'index.html': '1' });
    await writeFile(path.join(folder, 'c'), 'mine');
    await expect(build(folder, { 'index.html': '2', 'c/a.html': '2' })).rejects.toThrow(ForeignFolderError);
    expect(await contentOf(folder)).toEqual({ 'index.html': '1', c: 'mine' });
  });

  it('is refused, and not changed, if a folder of others is in place of a file', async () => {
    const folder = await temporaryFolder();
    await build(folder, { 'a.html': '1', 'b.html': '1' });
    await rm(path.join(folder, 'b.html'));
    await mkdir(path.join(folder, 'b.html'));
    for (const files of [{ 'a.html': '2', 'b.html': '2' }, { 'a.html': '2' }]) {
      await expect(build(folder, files)).rejects.toThrow(ForeignFolderError);
    }
    expect(await contentOf(folder)).toEqual({ 'a.html': '1' });
  });

  it('is refused if its manifest is no file', async () => {
    const folder = await temporaryFolder();
    await mkdir(path.join(folder, '.ktx-docs.json'), { recursive: true });
    await expect(build(folder, { 'index.html': '1' })).rejects.toThrow(ForeignFolderError);
  });

  it('is not changed by a build that fails, and a new one is not left behind', async () => {
    const folder = await temporaryFolder();
    await build(folder, { 'index.html': '1' }, false);
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
    await build(folder, { 'index.html': '1' });
    await build(folder, { 'index.html': '2' }, false);
    expect(await contentOf(folder)).toEqual({ 'index.html': '1' });
  });

  it('is refused while another process writes to it', async () => {
    const folder = await temporaryFolder();
    await build(folder, { 'index.html': '1' });
    // The parent process is alive.
    await mkdir(path.join(folder, `.ktx-docs.${process.ppid}.${'0'.repeat(36)}.tmp`));
    await expect(build(folder, { 'index.html': '2' })).rejects.toThrow(`Process ${process.ppid} is writing`);
    expect(await contentOf(folder)).toEqual({ 'index.html': '1' });
  });

  it('is completed after a build that was killed', async () => {
    const folder = await temporaryFolder();
    await build(folder, { 'index.html': '1' });
    const killed = await StaticFolder.open(folder);
    await killed.write('a.html', '2');
    await build(folder, { 'index.html': '3' });
    expect(await readdir(folder)).toEqual(['.ktx-docs.json', 'index.html']);
  });

  it.each([
    '{"files":["../x"]}',
    '{"files":["/x"]}',
    '{"files":[".git/config"]}',
    '{"files":["c/../../x.html"]}',
    '{}',
    'x',
  ])('with a damaged manifest is refused: %s', async (text) => {
    const folder = await temporaryFolder();
    await build(folder, { 'index.html': '1' });
    await writeFile(path.join(folder, '.ktx-docs.json'), text);
    await expect(build(folder, { 'index.html': '2' })).rejects.toThrow(ForeignFolderError);
    expect(await contentOf(folder)).toEqual({ 'index.html': '1' });
  });
});
