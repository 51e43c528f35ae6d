#!/usr/bin/env node
// Asks the questions of the semantic layer on the engines that can run here, and compares the answers.
//
//     npm run test:engines -- [engine …]   these engines, or all; --refused lists what is refused
//     npm run test:engines -- --short      ClickHouse and Sail, with fewer random questions
//     npm run test:engines -- --suite X    one list of questions
//
// Engines are installed below ~/.cache/kaelio-ktx/warehouses (XDG_CACHE_HOME) once. The exit code is 1 after a difference
// that python-runtime/tests/semantic/engines/known.py does not list, and after one that it lists and no engine has.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { preparePython, python } from './lib/python.mjs';
import { root } from './lib/steps.mjs';

const SHORT = ['clickhouse-chdb', 'sail'];
/** Engines that need the servers of with-databases.mjs. */
const DATABASES = ['postgres', 'mariadb'];

const args = process.argv.slice(2);
const named = args.filter((word, index) => !word.startsWith('--') && args[index - 1] !== '--suite');
const engines = args.includes('--short') && named.length === 0 ? SHORT : named;
const options = args.filter((word) => !named.includes(word));
preparePython();
const harness = [python, '-m', 'tests.semantic.engines', ...engines, ...options];
const needsDatabases = engines.length === 0 || engines.some((name) => DATABASES.includes(name));
const servers = [process.execPath, path.join(root, 'scripts', 'with-databases.mjs'), '--'];
const [command, ...rest] = needsDatabases ? [...servers, ...harness] : harness;
const cwd = path.join(root, 'python-runtime');
const { status } = spawnSync(command, rest, { cwd, stdio: 'inherit', env: { ...process.env, PYTHONPATH: 'src' } });
process.exit(status ?? 1);
