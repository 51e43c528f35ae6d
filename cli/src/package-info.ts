/** Location and version of the installed package. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the installed package; sources and build output both lie two folders below it. */
export const PACKAGE_DIR = join(__dirname, '..', '..');

/** Version of the package; it is also the version of the command line and of its runtime. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(PACKAGE_DIR, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
