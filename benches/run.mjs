#!/usr/bin/env node
// Measures what docs/performance.md explains, with a release build, and prints one table; the raw numbers go to
// benches/results.json. Everything that it needs it makes itself, in a temporary folder and in target/bench.
//
//     npm run bench -- [--runs N] [--rows part-of-a-name …] [--list] [--output benches/results.json]
//
// Nothing fails because something is slow: the exit code is 1 only if a row could not be measured.
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
import { table } from './lib/table.mjs';

/** Of a row that does not want more. */
const RUNS = 7;

/**
 * Modules of `rows/`, in the order in which they are measured. Scans come after calls, which delete no file, and before
 * installations, which delete thousands: for five minutes ext4 looks through what was deleted whenever it makes a file.
 */
const MODULES = ['calls', 'scan', 'event-loop', 'first-call', 'install', 'memory', 'semantic', 'sql', 'start-up'];

const { values: options, positionals } = parseArgs({
  options: {
    runs: { type: 'string' },
    rows: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    output: { type: 'string', default: path.join('benches', 'results.json') },
    // For itself: everything is built, and there are databases.
    inner: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const runs = options.runs === undefined ? undefined : Number(options.runs);
if (runs !== undefined && (!Number.isInteger(runs) || runs < 1)) fail('--runs must be a whole number above 0');
// `--rows a b` as well as `--rows a --rows b`.
const parts = [...options.rows, ...positionals];

if (!options.inner && !options.list) await build({ release: true });
const rows = await wantedRows();
if (options.list) {
  for (const row of rows) console.log(row.name);
} else if (!options.inner && rows.some((row) => row.needsDatabases)) {
  process.exitCode = withDatabases();
} else {
  process.exitCode = await measure();
}

async function wantedRows() {
  const modules = await Promise.all(MODULES.map((name) => import(`./rows/${name}.mjs`)));
  const all = modules.flatMap((module) => module.rows);
  const found = all.filter((row) => parts.length === 0 || parts.some((part) => row.name.includes(part)));
  if (found.length === 0) fail(`No row is named so. There are: ${all.map((row) => row.name).join('; ')}`);
  return found;
}

function withDatabases() {
  const self = [path.join('benches', 'run.mjs'), '--inner', ...process.argv.slice(2)];
  const command = ['scripts/with-databases.mjs', '--', process.execPath, ...self];
  return spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1;
}

/** Measures row after row; a failure is printed, and the others go on. */
async function measure() {
  const begin = performance.now();
  const ctx = new Context();
  const results = [];
  const say = (text) => console.error(`[${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s] ${text}`);
  try {
    for (const row of rows) {
      try {
        results.push(await measureRow(row, ctx, runs ?? row.runs ?? RUNS, say));
      } catch (error) {
        console.error(error);
        results.push({ name: row.name, error: String(error.message ?? error) });
      }
    }
  } finally {
    await ctx.close();
  }
  const report = { machine: machine(), results };
  writeFileSync(path.resolve(root, options.output), `${JSON.stringify(report, null, 1)}\n`);
  console.log(`\n${table(results)}\n`);
  return results.some((result) => result.error) ? 1 : 0;
}

function machine() {
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
