// What is promised of a release: release-policy.json.
import path from 'node:path';
import { root } from './steps.mjs';
import { readJson } from './tarball.mjs';

/** The policy of a project. */
export function policyOf(folder = root) {
  return readJson(path.join(folder, 'release-policy.json'));
}

/** The dist-tag under which a version is published. */
export function distTag({ distTag: { before, tag, afterwards } }, version) {
  return Number.parseInt(version, 10) < Number.parseInt(before, 10) ? tag : afterwards;
}
