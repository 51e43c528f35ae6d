// Reads release-policy.json.
import path from 'node:path';
import { root } from './steps.mjs';
import { readJson } from './tarball.mjs';

/** Reads the release policy of a project. */
export function readPolicy(folder = root) {
  return readJson(path.join(folder, 'release-policy.json'));
}

/** Dist-tag of a version. */
export function distTag({ distTag: { before, tag, afterwards } }, version) {
  return Number.parseInt(version, 10) < Number.parseInt(before, 10) ? tag : afterwards;
}
