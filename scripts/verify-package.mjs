#!/usr/bin/env node
// Packs a release for this platform, installs it in every way that users have, uses it with every Node, and prints what
// came of it beside the budgets. Ends with 1 if anything failed or a size is over its budget.
//
//     node scripts/verify-package.mjs
//     node scripts/verify-package.mjs --packages dist     what is packed already
import { statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { makePlace, mustRun } from './lib/place.mjs';
import { policyOf } from './lib/policy.mjs';
import { startPackedRegistry } from './lib/registry.mjs';
import { root, run } from './lib/steps.mjs';
import { newestGlibc, withUnpacked } from './lib/tarball.mjs';
import { measureRequire } from './package/budgets.mjs';
import { LAYOUTS } from './package/layouts.mjs';
import { findNode, findTools, NODE_VERSIONS } from './package/tools.mjs';
import { bundle, compile, failWithoutBinary, use, useExecutable } from './package/uses.mjs';

const { values: options } = parseArgs({ options: { packages: { type: 'string' } } });
const dist = path.resolve(root, options.packages ?? 'dist');
if (options.packages === undefined) run(process.execPath, ['scripts/pack.mjs', '--release', '--output', dist]);

const policy = policyOf();
const tools = findTools();
const nodes = NODE_VERSIONS.map((major) => findNode(major));
const place = makePlace();
const { env } = place;
const registry = await startPackedRegistry(dist);
let failed = 0;

try {
  const layouts = await tryLayouts();
  const folder = path.join(place.folder, 'npm');
  const passed = [];
  for (const { version, executable } of nodes) {
    if (await check(`Node ${version}`, () => use(folder, [executable], { env }))) passed.push(version);
  }
  const uses = {
    'types (node16)': () => compile(folder, 'node16', env),
    'types (bundler)': () => compile(folder, 'bundler', env),
    'esbuild, external': () => bundle(folder, tools.esbuild, env),
    'no optional dependencies': withoutBinary,
  };
  for (const [name, run] of Object.entries(uses)) if (await check(name, run)) layouts.push(name);
  await withUnpacked(dist, async (packages) => {
    printPackages(packages, passed, layouts);
    printBudgets(packages, await measureRequire(folder, process.execPath, env));
  });
} finally {
  await registry.close();
  place.remove();
}
process.exitCode = failed > 0 ? 1 : 0;

/** Installs in every way and uses each; gives the ways that worked. */
async function tryLayouts() {
  const worked = [];
  for (const [name, install] of Object.entries(LAYOUTS)) {
    const fine = await check(name, async () => {
      const { folder, node, ktx, options = { env }, undo } = await install({ place, registry, dist, tools });
      try {
        if (node) await use(folder, node, options);
        await useExecutable(folder, ktx, options);
      } finally {
        undo?.();
      }
    });
    if (fine) worked.push(name);
  }
  return worked;
}

async function withoutBinary() {
  const folder = place.project('no-binary', { registry: registry.url });
  await mustRun('npm', ['install', '--omit=optional', `@kaelio/ktx@${registry.version}`], { cwd: folder, env });
  await failWithoutBinary(folder, env);
}

/** Runs one check and prints what came of it; gives whether it passed. */
async function check(name, run) {
  const start = Date.now();
  try {
    await run();
    console.log(`ok  ${name}  (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    return true;
  } catch (error) {
    failed += 1;
    console.log(`not ok  ${name}\n${error.message}`);
    return false;
  }
}

function printPackages(packages, passed, worked) {
  console.log('\npackage, size of the tarball, Node versions that passed, checks');
  for (const { manifest, bytes } of packages) {
    console.log(
      `${manifest.name}@${manifest.version}  ${megabytes(bytes)}  ${passed.join(', ')}  ${worked.join('; ')}`,
    );
  }
}

function printBudgets(packages, required) {
  const main = packages.find(({ manifest }) => manifest.name === policy.main);
  const { budgets } = policy;
  const binaries = packages.filter((each) => each !== main);
  const scripts = packages.filter(({ manifest }) => manifest.scripts).length;
  console.log('\nwhat, measured, budget');
  budget('main tarball', main.bytes, budgets.mainTarballBytes, megabytes);
  for (const { folder, manifest } of binaries) {
    const binary = path.join(folder, manifest.main);
    budget(manifest.main, statSync(binary).size, budgets.platformBinaryBytes, megabytes);
    if (!manifest.libc?.includes('glibc')) continue;
    const needed = newestGlibc(binary);
    budget(
      'newest glibc needed',
      Number(needed.split('.')[1]),
      Number(policy.glibc.split('.')[1]),
      (minor) => `2.${minor}`,
    );
  }
  budget('install scripts', scripts, budgets.installScripts, String);
  console.log(`npm dependencies: ${Object.keys(main.manifest.dependencies).join(', ')}`);
  // Other work on the machine decides about these two; they are for people to judge.
  console.log(`require  ${required.milliseconds.toFixed(1)} ms  < ${budgets.requireMilliseconds} ms`);
  console.log(`memory added by require  ${megabytes(required.bytes)}  < ${megabytes(budgets.requireMemoryBytes)}`);
}

/** Prints one size, and counts it as failed when it is over its budget. */
function budget(name, measured, most, format) {
  const over = measured > most;
  if (over) failed += 1;
  console.log(`${name}  ${format(measured)}  at most ${format(most)}${over ? '  OVER' : ''}`);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
