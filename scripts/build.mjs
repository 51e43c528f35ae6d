#!/usr/bin/env node
// Builds the package in place: npm packages, the wheel, the command line, the local page, the addon.
//
//     node scripts/build.mjs [--release [--target x86_64-unknown-linux-musl]]
import { readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildBinary } from './lib/binary.mjs';
import { patchLoader } from './lib/loader.mjs';
import { findPython, isOutdated, root, run, runTool } from './lib/steps.mjs';

/** Builds what is out of date; cargo detects that itself. */
export async function build({ release = false, target } = {}) {
  buildPortable();
  if (release) await buildBinary(target);
  else buildForDevelopment();
}

function buildForDevelopment() {
  runTool('napi', ['build', '--platform', '--js', 'native.js', '--dts', 'native.d.ts', '--no-const-enum']);
  patchLoader();
}

/** Builds the parts that are equal on every platform. */
export function buildPortable() {
  if (isOutdated('node_modules/.package-lock.json', ['package.json', 'package-lock.json'])) {
    // Not `npm ci`: it rejects a lock without the binaries of every platform, and some registries lack a few.
    run('npm', ['install', '--no-save']);
  }
  run(findPython(), ['scripts/build-wheel.py']);
  buildPages();
  // Bundles first, as that empties the folder; tsc adds the declarations.
  runTool('rolldown', ['--config', path.join('cli', 'rolldown.config.mjs')]);
  runTool('tsc', ['-p', 'cli']);
}

/** Builds the local page if its sources are newer. */
function buildPages() {
  const sources = readdirSync(path.join(root, 'web'), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && !/[\\/]web[\\/](dist|test)([\\/]|$)/.test(each.parentPath))
    .map((each) => path.relative(root, path.join(each.parentPath, each.name)));
  if (!isOutdated('web/dist/node.cjs', ['package-lock.json', ...sources])) return;
  for (const mode of ['browser', 'node']) {
    runTool('vite', ['build', '--config', path.join('web', 'vite.config.mts'), '--mode', mode]);
  }
  runTool('tsc', ['-p', path.join('web', 'tsconfig.types.json')]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build(parseArgs({ options: { release: { type: 'boolean' }, target: { type: 'string' } } }).values);
}
