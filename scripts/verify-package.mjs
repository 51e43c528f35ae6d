#!/usr/bin/env node
// Packs a release for this platform, installs it with every package manager, tests it with every Node version, and prints
// results and budgets. Exits with 1 if a test failed or a size exceeds its budget.
//
//     node scripts/verify-package.mjs
//     node scripts/verify-package.mjs --packages dist     existing packages
import { statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { readPolicy } from './lib/policy.mjs';
import { startPackedRegistry } from './lib/registry.mjs';
import { createSandbox, mustRun } from './lib/sandbox.mjs';
import { root, run } from './lib/steps.mjs';
import { newestGlibc, withUnpackedTarballs } from './lib/tarball.mjs';
import { measureRequire } from './package/budgets.mjs';
import { LAYOUTS } from './package/layouts.mjs';
import { findNode, findTools, NODE_VERSIONS } from './package/tools.mjs';
import { bundle, compile, failWithoutBinary, use, useExecutable } from './package/uses.mjs';

const { values: options } = parseArgs({ options: { packages: { type: 'string' } } });
const dist = path.resolve(root, options.packages ?? 'dist');
if (options.packages === undefined) run(process.execPath, ['scripts/pack.mjs', '--release', '--output', dist]);

const policy = readPolicy();
const tools = findTools();
const nodes = NODE_VERSIONS.map((major) => findNode(major));
const sandbox = createSandbox();
const { env } = sandbox;
const registry = await startPackedRegistry(dist);
let failed = 0;

try {
  const layouts = await testLayouts();
  const folder = path.join(sandbox.folder, 'npm');
  const passed = [];
  for (const { version, executable } of nodes) {
    if (await check(`Node ${version}`, () => use(folder, [executable], { env }))) passed.push(version);
  }
  const uses = {
    'types (node16)': () => compile(folder, 'node16', env),
    'types (bundler)': () => compile(folder, 'bundler', env),
    'esbuild, external': () => bundle(folder, tools.esbuild, env),
    'no optional dependencies': testWithoutBinary,
  };
  for (const [name, run] of Object.entries(uses)) if (await check(name, run)) layouts.push(name);
  await withUnpackedTarballs(dist, async (packages) => {
    printPackages(packages, passed, layouts);
    printBudgets(packages, await measureRequire(folder, process.execPath, env));
  });
} finally {
  await registry.close();
  sandbox.remove();
}
process.exitCode = failed > 0 ? 1 : 0;

/** Installs and tests every layout; returns the names of those that passed. */
async function testLayouts() {
  const passed = [];
  for (const [name, install] of Object.entries(LAYOUTS)) {
    const isPassed = await check(name, async () => {
      const { folder, node, ktx, options = { env }, undo } = await install({ sandbox, registry, dist, tools });
      try {
        if (node) await use(folder, node, options);
        await useExecutable(folder, ktx, options);
      } finally {
        undo?.();
      }
    });
    if (isPassed) passed.push(name);
  }
  return passed;
}

async function testWithoutBinary() {
  const folder = sandbox.project('no-binary', { registry: registry.url });
  await mustRun('npm', ['install', '--omit=optional', `@kaelio/ktx@${registry.version}`], { cwd: folder, env });
  await failWithoutBinary(folder, env);
}

/** Runs one check, prints the result, and returns whether it passed. */
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

function printPackages(packages, nodeVersions, checks) {
  console.log('\npackage, size of the tarball, Node versions that passed, checks');
  for (const { manifest, bytes } of packages) {
    console.log(
      `${manifest.name}@${manifest.version}  ${megabytes(bytes)}  ${nodeVersions.join(', ')}  ${checks.join('; ')}`,
    );
  }
}

function printBudgets(packages, loading) {
  const main = packages.find(({ manifest }) => manifest.name === policy.main);
  const { budgets } = policy;
  const binaries = packages.filter((each) => each !== main);
  const scripts = packages.filter(({ manifest }) => manifest.scripts).length;
  console.log('\nname, measured, budget');
  checkBudget('main tarball', main.bytes, budgets.mainTarballBytes, megabytes);
  for (const { folder, manifest } of binaries) {
    const binary = path.join(folder, manifest.main);
    checkBudget(manifest.main, statSync(binary).size, budgets.platformBinaryBytes, megabytes);
    if (!manifest.libc?.includes('glibc')) continue;
    const required = newestGlibc(binary);
    checkBudget(
      'newest glibc needed',
      Number(required.split('.')[1]),
      Number(policy.glibc.split('.')[1]),
      (minor) => `2.${minor}`,
    );
  }
  checkBudget('install scripts', scripts, budgets.installScripts, String);
  console.log(`npm dependencies: ${Object.keys(main.manifest.dependencies).join(', ')}`);
  // Informational: these two depend on the load of the machine.
  console.log(`require  ${loading.milliseconds.toFixed(1)} ms  < ${budgets.requireMilliseconds} ms`);
  console.log(`memory added by require  ${megabytes(loading.bytes)}  < ${megabytes(budgets.requireMemoryBytes)}`);
}

/** Prints a value with its budget, and counts a failure if it exceeds the budget. */
function checkBudget(name, measured, limit, format) {
  const isExceeded = measured > limit;
  if (isExceeded) failed += 1;
  console.log(`${name}  ${format(measured)}  at most ${format(limit)}${isExceeded ? '  OVER' : ''}`);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
