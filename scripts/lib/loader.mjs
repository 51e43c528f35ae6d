// Patches `native.js`, which napi generates.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, root } from './steps.mjs';

const GENERATED = `    musl = isMuslFromFilesystem()
    if (musl === null) {
      musl = isMuslFromReport()
    }
`;

// A file that mentions musl is not sufficient: musl-tools install one on systems with glibc. The report of Node is
// reliable but takes some milliseconds, so that it is skipped if the file indicates glibc.
const CORRECTED = `    musl = isMuslFromFilesystem()
    if (musl !== false) {
      const reported = isMuslFromReport()
      musl = reported === null ? musl : reported
    }
`;

/** Makes the loader prefer the report of Node about the C library to a file of the system. */
export function patchLoader() {
  const file = path.join(root, 'native.js');
  const text = readFileSync(file, 'utf8');
  if (text.includes(CORRECTED)) return;
  if (!text.includes(GENERATED)) fail('native.js detects musl in another way: adapt scripts/lib/loader.mjs');
  writeFileSync(file, text.replace(GENERATED, CORRECTED));
}
