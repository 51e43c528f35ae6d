#!/usr/bin/env node
// Publishes what scripts/pack.mjs packed, if everything holds that release-policy.json asks for. Without --publish it
// only says what it would do. An interrupted release goes on with --resume.
//
//     node scripts/publish.mjs [--packages dist] [--publish] [--resume]
import path from 'node:path';
import { parseArgs } from 'node:util';
import { integrity, publishedIntegrity, refusals } from './lib/guard.mjs';
import { mustRun } from './lib/place.mjs';
import { distTag, policyOf } from './lib/policy.mjs';
import { fail, root as ownRoot } from './lib/steps.mjs';
import { withUnpacked } from './lib/tarball.mjs';

const { values: options } = parseArgs({
  options: {
    packages: { type: 'string', default: 'dist' },
    publish: { type: 'boolean', default: false },
    resume: { type: 'boolean', default: false },
    root: { type: 'string', default: ownRoot },
  },
});
const root = path.resolve(options.root);
const folder = path.resolve(root, options.packages);
const policy = policyOf(root);

try {
  const refused = await refusals({ root, folder, policy, resume: options.resume });
  for (const reason of refused) console.error(`refused  ${reason}`);
  if (refused.length > 0) fail('\nNothing was published.');
  await withUnpacked(folder, publishAll);
  console.log(options.publish ? '\nPublished.' : '\nEverything holds. To publish: node scripts/publish.mjs --publish');
} catch (error) {
  fail(error.message);
}

async function publishAll(packages) {
  const isMain = ({ manifest }) => manifest.name === policy.main;
  // The main package last, when the binaries that it depends on are there.
  for (const each of [...packages].sort((a, b) => isMain(a) - isMain(b))) await publish(each);
}

async function publish(each) {
  const { name, version } = each.manifest;
  if (options.resume && (await publishedIntegrity(each)) === integrity(each)) {
    console.log(`is there already  ${name}@${version}`);
    return;
  }
  const tag = distTag(policy, version);
  const args = ['publish', each.file, '--tag', tag, '--access', policy.access];
  // Only a workflow with an identity of its own can prove where a package comes from.
  if (options.publish && policy.provenance) args.push('--provenance');
  await mustRun('npm', options.publish ? args : [...args, '--dry-run'], { cwd: root });
  console.log(`${options.publish ? 'published' : 'would publish'}  ${name}@${version} as ${tag}`);
}
