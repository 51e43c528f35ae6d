/**
 * A folder of static files, which may have files of others, such as the repository of a static host.
 *
 * All files are staged in the folder first and then moved to their places, so that a build that fails changes nothing.
 * The manifest names the files of all builds that began: only these are replaced and removed. A build that was killed is
 * completed by the next one.
 */

import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** File with the names of the files. */
const MANIFEST = '.ktx-docs.json';

/** Names of folders with staged files, with the process that stages them. */
const STAGE = /^\.ktx-docs\.(\d+)\.[0-9a-f-]{36}\.tmp$/;

/** Names that a build may write: a manifest from elsewhere cannot name other files, which would be removed. */
const OWN_NAME =
  /^(?:[a-z]+\.html|(?:run|note)\/[^/]+\.html|c\/[^/]+\/(?:[a-z]+\/)?[^/]+\.html|assets\/[a-z-]+\.(?:js|css|svg))$/;

/** The folder has files of others that stand in the way. */
export class ForeignFolderError extends Error {}

/** One build of a folder. */
export class StaticFolder {
  readonly #files: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly isNew: boolean,
    private readonly stage: string,
    private readonly earlier: readonly string[],
  ) {}

  /** Begins a build. Rejects with `ForeignFolderError` if the folder is neither empty nor of an earlier build. */
  static async open(folder: string): Promise<StaticFolder> {
    const created = await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? new ForeignFolderError(`${folder} is not a folder`) : error;
    });
    const earlier = await readManifest(folder);
    await removeStages(folder);
    const stage = path.join(folder, `.ktx-docs.${process.pid}.${randomUUID()}.tmp`);
    await mkdir(stage);
    return new StaticFolder(folder, created !== undefined, stage, earlier);
  }

  /** Stages a file; its name has slashes. */
  async write(name: string, content: string | Buffer): Promise<void> {
    const file = this.#pathIn(this.stage, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content, { flag: 'wx' });
    this.#files.push(name);
  }

  /** Moves all files to their places, and removes those of earlier builds that are not written any more. */
  async commit(): Promise<void> {
    const earlier = new Set(this.earlier);
    await this.#requireOwnFolders([...this.earlier, ...this.#files]);
    for (const name of this.#files) if (!earlier.has(name)) await this.#requireFree(name);
    await this.#writeManifest([...new Set([...this.earlier, ...this.#files])]);
    for (const name of this.#files) {
      await mkdir(path.dirname(this.#pathIn(this.folder, name)), { recursive: true });
      await rename(this.#pathIn(this.stage, name), this.#pathIn(this.folder, name));
    }
    const written = new Set(this.#files);
    for (const name of this.earlier) if (!written.has(name)) await this.#remove(name);
    await this.#writeManifest(this.#files);
  }

  /** Removes what is staged, and a new folder without files. */
  async close(): Promise<void> {
    await rm(this.stage, { recursive: true, force: true });
    if (this.isNew) await rmdir(this.folder).catch(() => undefined);
  }

  /** Files are not written or removed through links, which may lead elsewhere, and not in place of folders of others. */
  async #requireOwnFolders(names: readonly string[]): Promise<void> {
    const isFolder = async (name: string) =>
      (await lstat(this.#pathIn(this.folder, name)).catch(() => undefined))?.isDirectory();
    for (const name of new Set(names.flatMap(parentsOf))) {
      if ((await isFolder(name)) === false)
        throw new ForeignFolderError(`${this.folder} has a file or a link ${name} where a folder has to be`);
    }
    for (const name of names) {
      if ((await isFolder(name)) === true)
        throw new ForeignFolderError(`${this.folder} has a folder ${name} where a file has to be`);
    }
  }

  async #requireFree(name: string): Promise<void> {
    const found = await lstat(this.#pathIn(this.folder, name)).catch(() => undefined);
    if (found !== undefined)
      throw new ForeignFolderError(`${this.folder} has a file ${name} that no build has written`);
  }

  async #writeManifest(files: readonly string[]): Promise<void> {
    const staged = path.join(this.stage, MANIFEST);
    await writeFile(staged, `${JSON.stringify({ files }, null, 1)}\n`);
    await rename(staged, path.join(this.folder, MANIFEST));
  }

  /** Removes a file, and its folders if they are then empty. */
  async #remove(name: string): Promise<void> {
    await rm(this.#pathIn(this.folder, name), { force: true });
    for (let parent = path.posix.dirname(name); parent !== '.'; parent = path.posix.dirname(parent)) {
      const removed = await rmdir(this.#pathIn(this.folder, parent)).catch((error: Error) => error);
      if (removed !== undefined) return;
    }
  }

  #pathIn(folder: string, name: string): string {
    return path.join(folder, ...name.split('/'));
  }
}

/** Removes what killed builds have staged. Rejects with `ForeignFolderError` if another build is running. */
async function removeStages(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(STAGE.exec(name)?.[1]);
    if (Number.isNaN(pid)) continue;
    if (pid !== process.pid && isAlive(pid)) {
      throw new ForeignFolderError(`Process ${pid} is writing to ${folder}`);
    }
    await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The folders above a file, from the top. */
function parentsOf(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Files of earlier builds; none for an empty folder. */
async function readManifest(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !STAGE.test(name));
  if (names.length === 0) return [];
  if (!names.includes(MANIFEST)) throw new ForeignFolderError(`${folder} has files that no build has written`);
  // Not of another kind: reading a pipe would never end.
  const isFile = (await lstat(path.join(folder, MANIFEST))).isFile();
  const files = isFile ? parseManifest(await readFile(path.join(folder, MANIFEST), 'utf8')) : undefined;
  if (files === undefined) throw new ForeignFolderError(`${path.join(folder, MANIFEST)} is damaged`);
  return files;
}

/** The names in a manifest; `undefined` if it is not one, or names files that no build writes. */
function parseManifest(text: string): string[] | undefined {
  const name = z.string().refine((each) => OWN_NAME.test(each) && !each.split('/').includes('..'));
  try {
    return z.object({ files: z.array(name) }).parse(JSON.parse(text)).files;
  } catch {
    return undefined;
  }
}
