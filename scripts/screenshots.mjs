#!/usr/bin/env node
// Makes the screenshots of the pages in docs/images: each view of the demo project in light and dark, and the map of a
// generated warehouse of 400 tables.
//
//     node scripts/screenshots.mjs [--no-build]
//
// They are PNG images of 1280 × 800 pixels with a palette.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { fail, root, run } from './lib/steps.mjs';

const OUTPUT = path.join(root, 'docs', 'images');

/** Limit of all images together. */
const MAX_BYTES = 1_500_000;

const { values: options } = parseArgs({
  options: {
    'no-build': { type: 'boolean', default: false },
    // Set by the script itself: the build is done, and the databases are running.
    inner: { type: 'boolean', default: false },
  },
});

if (!options.inner) {
  if (!options['no-build']) await build();
  const command = ['scripts/with-databases.mjs', '--', process.execPath, 'scripts/screenshots.mjs', '--inner'];
  process.exitCode = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1;
} else {
  const folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'ktx-screenshots-'));
  try {
    await makeAll(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeAll(folder) {
  // Imported here, as their packages are installed by the build.
  const { createProjects } = await import('../web/test/support/projects/index.mjs');
  const { withScreenshots } = await import('./screenshots/browser.mjs');
  const { SCREENSHOTS } = await import('./screenshots/views.mjs');
  run(process.execPath, [path.join('cli', 'dist', 'ktx.js'), 'runtime', 'install', '--yes']);
  const projects = await createProjects(folder, ['demo', 'warehouse']);
  mkdirSync(OUTPUT, { recursive: true });
  let bytes = 0;
  await withScreenshots(projects, async (take) => {
    for (const screenshot of SCREENSHOTS) {
      for (const colorScheme of ['light', 'dark']) {
        const image = await take(screenshot, colorScheme);
        const file = path.join(OUTPUT, `${screenshot.name}-${colorScheme}.png`);
        writeFileSync(file, image);
        bytes += image.length;
        console.log(`${path.relative(root, file)}: ${(image.length / 1000).toFixed(0)} kB`);
      }
    }
  });
  if (bytes > MAX_BYTES) fail(`The images have ${bytes} bytes, more than ${MAX_BYTES}`);
}
