import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the package under test. */
export const packageDir = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** `require` with the resolution of a module of the package. */
export const requireInPackage = createRequire(join(packageDir, 'package.json'));
