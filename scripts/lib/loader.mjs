// What we change of `native.js`, which napi generates.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, root } from './steps.mjs';

const GENERATED = `    musl = isMuslFromFilesystem()
    if (musl === null) {
      musl = isMuslFromReport()
    }
`;

// A file that mentions musl is no proof: musl-tools put one on systems with glibc. What Node itself runs on is one, but
// to ask for it takes some milliseconds, so that it is skipped where the file says glibc.
const CORRECTED = `    musl = isMuslFromFilesystem()
    if (musl !== false) {
      const reported = isMuslFromReport()
      musl = reported === null ? musl : reported
    }
`;

/** Makes the loader believe Node's report on the C library rather than a file of the system. */
export function correctLoader() {
  const file = path.join(root, 'native.js');
  const text = readFileSync(file, 'utf8');
  if (text.includes(CORRECTED)) return;
  if (!text.includes(GENERATED)) fail('native.js looks for musl in another way now: adapt scripts/lib/loader.mjs');
  writeFileSync(file, text.replace(GENERATED, CORRECTED));
}
