import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder whose path has spaces and non-ASCII letters; the caller removes it. */
export function makeFolder(): string {
  const folder = join(mkdtempSync(join(realpathSync(tmpdir()), 'ktx-test-')), 'Ünïcode spaced 数据');
  mkdirSync(folder);
  return folder;
}

/** Removes what {@link makeFolder} made. */
export function removeFolder(folder: string): void {
  rmSync(join(folder, '..'), { recursive: true, force: true, maxRetries: 10 });
}

/** Such a folder for one test; removed when the test is over. */
export function temporaryFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}
