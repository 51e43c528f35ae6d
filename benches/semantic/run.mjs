#!/usr/bin/env node
// Asks 200 generated questions of the semantic layer and of MetricFlow, over the same rows in DuckDB, and prints for each
// kind of question how many answers are equal, differ, and are refused by one of them.
//
//     npm run bench:semantic -- [--seed 1] [--details]
//
// MetricFlow (Apache-2.0) is installed below `target`, and is no dependency. The exit code is 1 if a difference has none of
// the known reasons.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { preparePython, python } from '../../scripts/lib/python.mjs';
import { root, run } from '../../scripts/lib/steps.mjs';

const here = path.join(root, 'benches', 'semantic');
const packages = path.join(root, 'target', 'bench', 'semantic');

preparePython();
preparePackages();
const modules = [path.join(root, 'python-runtime', 'src'), packages].join(path.delimiter);
const env = { ...process.env, PYTHONPATH: modules };
const args = [path.join(here, 'compare.py'), ...process.argv.slice(2)];
process.exitCode = spawnSync(python, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;

/** Installs MetricFlow, or reinstalls it if the requirements have changed. */
function preparePackages() {
  const file = path.join(here, 'requirements.txt');
  const [marker, requirements] = [path.join(packages, '.prepared'), readFileSync(file, 'utf8')];
  if (existsSync(marker) && readFileSync(marker, 'utf8') === requirements) return;
  rmSync(packages, { recursive: true, force: true });
  run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', packages, '-r', file]);
  writeFileSync(marker, requirements);
}
