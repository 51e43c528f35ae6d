#!/usr/bin/env node
// Writes the version of package.json into every other file that has one.
//
//     npm version 0.2.0 --no-git-tag-version && node scripts/version.mjs
import { fail, root } from './lib/steps.mjs';
import { packageVersion, writeVersions } from './lib/versions.mjs';

try {
  const changed = writeVersions(root);
  console.log(
    `Version ${packageVersion(root)}${changed.length > 0 ? ` written into ${changed.join(', ')}` : ' in all files'}`,
  );
} catch (error) {
  fail(error.message);
}
