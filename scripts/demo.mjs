#!/usr/bin/env node
// The main job on the embedded default, from a fresh clone: builds everything, then sets up and scans a sample
// warehouse in ./ktx-demo.
import path from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { root, run } from './lib/steps.mjs';

await build();
run(process.execPath, [path.join(root, 'cli', 'dist', 'ktx.js'), 'setup', 'demo', '--yes', ...process.argv.slice(2)]);
