#!/usr/bin/env node
// Writes the version of package.json into every other place that has one.
//
//     npm version 0.2.0 --no-git-tag-version && node scripts/version.mjs
import { fail, root } from './lib/steps.mjs';
import { stampVersions, wantedVersion } from './lib/versions.mjs';

try {
  const changed = stampVersions(root);
  console.log(
    `Version ${wantedVersion(root)}${changed.length > 0 ? ` written into ${changed.join(', ')}` : ' everywhere'}`,
  );
} catch (error) {
  fail(error.message);
}
