#!/usr/bin/env node
// Starts the engines that can run here, loads TPC-H into each, and prints what was executed on it.
//
//     node scripts/warehouses.mjs [engine …]     these engines, or all
//     node scripts/warehouses.mjs --short        ClickHouse and Sail only, which install themselves from PyPI
//     node scripts/warehouses.mjs --write-docs   also writes the results to docs/warehouses.json and docs/warehouses.md
//
// Engines are installed below ~/.cache/kaelio-ktx/warehouses (XDG_CACHE_HOME) once. An engine that cannot run here is
// printed as `not shown`, with the reason. The exit code is 1 if a cell failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { preparePython, python } from './lib/python.mjs';
import { root } from './lib/steps.mjs';
import { writeWarehousesPage } from './lib/warehouses-page.mjs';

const SHORT = ['clickhouse-chdb', 'sail'];
/** Engines that need the servers of with-databases.mjs. */
const DATABASES = ['postgres', 'mariadb'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean' }, 'write-docs': { type: 'boolean' } },
});
const engines = values.short ? SHORT : positionals;
preparePython();
const folder = mkdtempSync(path.join(os.tmpdir(), 'ktx-warehouses-'));
const file = path.join(folder, 'results.json');
const status = runHarness([...engines, '--json', file]);
if (values['write-docs'] && status !== null && status <= 1) writeWarehousesPage(JSON.parse(readFileSync(file, 'utf8')));
rmSync(folder, { recursive: true });
process.exit(status ?? 1);

function runHarness(args) {
  const harness = [python, '-m', 'tests.warehouses', ...args];
  const needsDatabases = engines.length === 0 || engines.some((name) => DATABASES.includes(name));
  const servers = [process.execPath, path.join(root, 'scripts', 'with-databases.mjs'), '--'];
  const [command, ...rest] = needsDatabases ? [...servers, ...harness] : harness;
  const cwd = path.join(root, 'python-runtime');
  return spawnSync(command, rest, { cwd, stdio: 'inherit', env: { ...process.env, PYTHONPATH: 'src' } }).status;
}
