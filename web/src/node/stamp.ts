/** Whether the files of a project have changed, by their times and sizes. */

import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';

/** Folders of files that people and commands edit. */
const EDITED = ['notes', 'relationships', 'semantic-layer'];

/** Time in which a file may change without another time of its change, in milliseconds: some file systems count seconds. */
const UNCERTAIN_MS = 2000;

/**
 * Returns a text that changes with the files that pages are made of; `undefined` if a file was changed just now, so that a
 * later change might not be seen.
 */
export function stampOf(projectDir: string, now: number = Date.now()): string | undefined {
  const stamp = new Stamp();
  const local = path.join(projectDir, '.ktx', 'db.sqlite');
  stamp.addFile(path.join(projectDir, 'ktx.yaml'));
  stamp.addFile(local);
  stamp.addFile(`${local}-wal`, ({ size }) => size > 0);
  for (const folder of EDITED) stamp.addFolder(path.join(projectDir, folder));
  // What a sync has staged does not change: raw-sources/<connection>/<source>/<sync>.
  stamp.addNames(path.join(projectDir, 'raw-sources'), 3);
  return stamp.newest > now - UNCERTAIN_MS ? undefined : stamp.digest();
}

class Stamp {
  readonly #hash = createHash('sha256');
  /** Time of the newest change. */
  newest = 0;

  /** Adds a file; one that is missing, or that does not count, is as one that is not there. */
  addFile(file: string, counts: (stats: Stats) => boolean = () => true): void {
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats === undefined || !counts(stats)) return;
    this.newest = Math.max(this.newest, stats.mtimeMs, stats.ctimeMs);
    this.#hash.update(`${file}\0${stats.ino} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.size}\n`);
  }

  /** Adds all files of a folder. */
  addFolder(folder: string): void {
    for (const entry of entriesOf(folder)) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) this.addFolder(file);
      else this.addFile(file);
    }
  }

  /** Adds the names in a folder, and in its folders down to a depth. */
  addNames(folder: string, depth: number): void {
    if (depth === 0) return;
    for (const { name } of entriesOf(folder)) {
      this.#hash.update(`${folder}\0${name}\n`);
      this.addNames(path.join(folder, name), depth - 1);
    }
  }

  digest(): string {
    return this.#hash.digest('base64');
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch {
    // Missing, or no folder.
    return [];
  }
}
