/** Version of the package. */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Reads the version, which is also that of the runtime. */
export async function packageVersion(): Promise<string> {
  const file = createRequire(__filename).resolve('@kaelio/ktx/package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { version: string };
  return manifest.version;
}
