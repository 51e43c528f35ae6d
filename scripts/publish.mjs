#!/usr/bin/env node
// Publishes the packages of scripts/pack.mjs if the checks of release-policy.json pass. Without --publish it is a dry run.
// --resume continues an interrupted release.
//
//     node scripts/publish.mjs [--packages dist] [--publish] [--resume]
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findViolations, integrity, publishedIntegrity } from './lib/guard.mjs';
import { distTag, readPolicy } from './lib/policy.mjs';
import { mustRun } from './lib/sandbox.mjs';
import { fail, root as projectRoot } from './lib/steps.mjs';
import { withUnpackedTarballs } from './lib/tarball.mjs';

const { values: options } = parseArgs({
  options: {
    packages: { type: 'string', default: 'dist' },
    publish: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
    root: { type: 'string', default: projectRoot },
  },
});
const root = path.resolve(options.root);
const folder = path.resolve(root, options.packages);
const policy = readPolicy(root);

try {
  const violations = await findViolations({ root, folder, policy, resume: options.resume });
  for (const reason of violations) console.error(`refused  ${reason}`);
  if (violations.length > 0) fail('\nNothing was published.');
  await withUnpackedTarballs(folder, publishAll);
  console.log(options.publish ? '\nPublished.' : '\nAll checks passed. To publish: node scripts/publish.mjs --publish');
} catch (error) {
  fail(error.message);
}

async function publishAll(packages) {
  const isMain = ({ manifest }) => manifest.name === policy.main;
  // The main package last, after the binaries that it depends on.
  for (const each of [...packages].sort((a, b) => isMain(a) - isMain(b))) await publish(each);
}

async function publish(each) {
  const { name, version } = each.manifest;
  if (options.resume && (await publishedIntegrity(each)) === integrity(each)) {
    console.log(`already published  ${name}@${version}`);
    return;
  }
  const tag = distTag(policy, version);
  const args = ['publish', each.file, '--tag', tag, '--access', policy.access];
  // Provenance needs the identity of a workflow.
  if (options.publish && policy.provenance) args.push('--provenance');
  await mustRun('npm', options.publish ? args : [...args, '--dry-run'], { cwd: root });
  console.log(`${options.publish ? 'published' : 'would publish'}  ${name}@${version} as ${tag}`);
}
