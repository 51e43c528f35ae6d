#!/usr/bin/env node
// Builds everything in a clone, then runs `ktx setup demo` with a sample warehouse in ./ktx-demo.
import path from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { root, run } from './lib/steps.mjs';

await build();
run(process.execPath, [path.join(root, 'cli', 'dist', 'ktx.js'), 'setup', 'demo', '--yes', ...process.argv.slice(2)]);
