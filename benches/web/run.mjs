#!/usr/bin/env node
// Measures the local page in Debian's Chromium on a generated warehouse of 400 tables: the first paint of live pages, answers
// of the search as a user sees them, the build of the static files, and the size of what is packed.
//
//     npm run bench:web -- [--no-build] [--runs N]
//
// The exit code is 1 if a target is missed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { build } from '../../scripts/build.mjs';
import { root } from '../../scripts/lib/steps.mjs';
import { Context } from '../lib/context.mjs';
import { median, summary } from '../lib/statistics.mjs';
import { shortNumber } from '../lib/target.mjs';
import { bundleSizes } from './bundle.mjs';

const RUNS = 7;

const { values: options } = parseArgs({
  options: {
    'no-build': { type: 'boolean', default: false },
    runs: { type: 'string', default: String(RUNS) },
    // Set by the script itself: the build is done, and the databases are running.
    inner: { type: 'boolean', default: false },
  },
});

if (!options.inner) {
  if (!options['no-build']) await build({ release: true });
  const self = [path.join('benches', 'web', 'run.mjs'), '--inner', ...process.argv.slice(2)];
  const command = ['scripts/with-databases.mjs', '--', process.execPath, ...self];
  process.exitCode = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1;
} else {
  const ctx = new Context();
  try {
    const rows = await measure(ctx, Number(options.runs));
    print(rows);
    if (rows.some(({ limit, values }) => limit !== undefined && median(values) >= limit)) process.exitCode = 1;
  } finally {
    await ctx.close();
  }
}

/** All rows: `{ name, unit, values, limit? }`. */
async function measure(ctx, runs) {
  await ctx.daemon();
  // Imported here, as their packages are installed by the build.
  const { createProjects } = await import('../../web/test/support/projects/index.mjs');
  const { measurePages } = await import('./pages.mjs');
  log('creating a project of 400 tables');
  const folder = mkdtempSync(path.join(ctx.folder, 'web-'));
  const { warehouse } = await createProjects(folder, ['warehouse']);
  const site = path.join(folder, 'site');
  const built = await buildStatic(ctx, warehouse, site);
  return [...(await measurePages({ projectDir: warehouse, site, runs, log })), ...built, ...bundleSizes()];
}

/** Writes the static files: elapsed time and size. */
async function buildStatic(ctx, projectDir, folder) {
  log('writing the static files');
  const { buildSite } = ctx.load(path.join(root, 'web', 'dist', 'node.cjs'));
  const project = await ctx.addon.loadKtxProject({ projectDir });
  const start = performance.now();
  const { pages } = await buildSite({ project, folder });
  const seconds = (performance.now() - start) / 1000;
  const names = readdirSync(folder, { recursive: true });
  const bytes = names.reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  return [
    { name: `static files of ${pages} pages, written`, unit: 's', values: [seconds] },
    { name: `static files of ${pages} pages, size`, unit: 'MB', values: [bytes / 1e6] },
  ];
}

function print(rows) {
  console.log('\n| what | measured | target | met |\n| --- | --- | --- | --- |');
  for (const { name, unit, values, limit } of rows) {
    const { median: middle, min, max } = summary(values);
    const range = values.length > 1 ? ` (${shortNumber(min)} … ${shortNumber(max)})` : '';
    const target = limit === undefined ? '' : `< ${limit.toLocaleString('en-US')} ${unit}`;
    const met = limit === undefined ? '' : middle < limit ? 'yes' : 'NO';
    console.log(`| ${name} | ${shortNumber(middle)}${range} ${unit} | ${target} | ${met} |`);
  }
}

function log(text) {
  console.error(`web: ${text}`);
}
