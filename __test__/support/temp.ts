import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Creates a folder whose path has spaces and non-ASCII letters; the caller removes it. */
export function makeFolder(): string {
  const folder = join(mkdtempSync(join(realpathSync(tmpdir()), 'ktx-test-')), 'Ünïcode spaced 数据');
  mkdirSync(folder);
  return folder;
}

/** Removes a folder of {@link makeFolder}. */
export function removeFolder(folder: string): void {
  rmSync(join(folder, '..'), { recursive: true, force: true, maxRetries: 10 });
}

/** Creates such a folder, and removes it at the end of the test. */
export function temporaryFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}
