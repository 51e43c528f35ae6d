#!/usr/bin/env node
// Builds the package in place: npm packages, the wheel, the addon, the command line.
//
//     node scripts/build.mjs [--release]
import { rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { findPython, isOutdated, root, run, runTool } from './lib/steps.mjs';

/** Builds what is out of date; cargo and tsc find out by themselves. */
export function build({ release = false } = {}) {
  if (isOutdated('node_modules/.package-lock.json', ['package.json', 'package-lock.json'])) {
    // Not `npm ci`: it refuses a lock without the binaries of every platform, and some registries do not have them all.
    run('npm', ['install', '--no-save']);
  }
  run(findPython(), ['scripts/build-wheel.py']);
  const profile = release ? ['--release'] : [];
  runTool('napi', ['build', '--platform', '--js', 'native.js', '--dts', 'native.d.ts', '--no-const-enum', ...profile]);
  // What no source makes any more must not be packed.
  if (release) rmSync(path.join(root, 'cli', 'dist'), { recursive: true, force: true });
  runTool('tsc', ['-p', 'cli']);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build({ release: process.argv.includes('--release') });
