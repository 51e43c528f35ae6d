#!/usr/bin/env node
// Runs the benchmarks of docs/performance.md on a release build, and prints a table; raw numbers are written to
// benches/results.json. Its files are in a temporary folder and in target/bench.
//
//     npm run bench -- [--runs N] [--rows part-of-a-name …] [--list] [--output benches/results.json]
//
// Missed targets are not failures: the exit code is 1 only if a row could not be measured.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { fail, root } from '../scripts/lib/steps.mjs';
import { Context } from './lib/context.mjs';
import { measureRow } from './lib/measure.mjs';
import { renderTable } from './lib/table.mjs';

/** Default number of runs of a row. */
const DEFAULT_RUNS = 7;

/**
 * Modules of `rows/`, in order of measurement. Scans run after calls, which delete no files, and before installations,
 * which delete thousands: for five minutes ext4 scans deleted inodes whenever it creates a file.
 */
const MODULES = [
  'calls',
  'scan',
  'scan-engines',
  'event-loop',
  'first-call',
  'install',
  'memory',
  'search',
  'semantic',
  'sql',
  'start-up',
];

const { values: options, positionals } = parseArgs({
  options: {
    runs: { type: 'string' },
    rows: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    output: { type: 'string', default: path.join('benches', 'results.json') },
    // Set by the script itself: the build is done, and the databases are running.
    inner: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const runs = options.runs === undefined ? undefined : Number(options.runs);
if (runs !== undefined && (!Number.isInteger(runs) || runs < 1)) fail('--runs must be an integer of at least 1');
// `--rows a b` as well as `--rows a --rows b`.
const parts = [...options.rows, ...positionals];

if (!options.inner && !options.list) await build({ release: true });
const rows = await selectRows();
if (options.list) {
  for (const row of rows) console.log(row.name);
} else if (!options.inner && rows.some((row) => row.needsDatabases)) {
  process.exitCode = withDatabases();
} else {
  process.exitCode = await measure();
}

async function selectRows() {
  const modules = await Promise.all(MODULES.map((name) => import(`./rows/${name}.mjs`)));
  const all = modules.flatMap((module) => module.rows);
  const selected = all.filter((row) => parts.length === 0 || parts.some((part) => row.name.includes(part)));
  if (selected.length === 0) fail(`No matching row. Available: ${all.map((row) => row.name).join('; ')}`);
  return selected;
}

function withDatabases() {
  const self = [path.join('benches', 'run.mjs'), '--inner', ...process.argv.slice(2)];
  const command = ['scripts/with-databases.mjs', '--', process.execPath, ...self];
  return spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1;
}

/** Measures all rows; a failure is printed and does not stop the others. */
async function measure() {
  const begin = performance.now();
  const ctx = new Context();
  const results = [];
  const log = (text) => console.error(`[${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s] ${text}`);
  try {
    for (const row of rows) {
      try {
        results.push(await measureRow(row, ctx, runs ?? row.runs ?? DEFAULT_RUNS, log));
      } catch (error) {
        console.error(error);
        results.push({ name: row.name, error: String(error.message ?? error) });
      }
    }
  } finally {
    await ctx.close();
  }
  const report = { machine: describeMachine(), results };
  writeFileSync(path.resolve(root, options.output), `${JSON.stringify(report, null, 1)}\n`);
  console.log(`\n${renderTable(results)}\n`);
  return results.some((result) => result.error) ? 1 : 0;
}

function describeMachine() {
  const [cpu] = os.cpus();
  const python = spawnSync('python3', ['--version'], { encoding: 'utf8' }).stdout?.trim();
  return {
    system: `${os.type()} ${os.arch()}`,
    cores: os.availableParallelism(),
    cpu: cpu?.model,
    node: process.version,
    python,
  };
}
