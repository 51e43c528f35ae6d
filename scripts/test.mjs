#!/usr/bin/env node
// Every test, from a fresh clone: builds everything, starts PostgreSQL and MariaDB, then runs the tests of the Rust
// core, the wheel, the addon and the command line, and the commands that the documentation shows.
//
//     node scripts/test.mjs [--without-databases] [rust|python|addon|stress|cli|release|docs|unit|coverage …]
import path from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { prepareEmbeddings, preparePython, python } from './lib/python.mjs';
import { fail, root, run, runTool } from './lib/steps.mjs';

/** Whether there are database servers; `--without-databases` leaves out what needs one, where a platform has none. */
const databases = !process.argv.includes('--without-databases');

/** Files in cli/test/real that read a PostgreSQL. */
const CLI_WITH_DATABASES = ['ingest', 'scan', 'serve', 'serve-semantic', 'sl'];

const suites = {
  rust() {
    // Its tests of the installers take the uv of the development environment.
    preparePython();
    run('cargo', ['test', '--locked', '--no-default-features']);
  },
  python: () => {
    preparePython();
    prepareEmbeddings();
    const chosen = databases ? [] : ['-m', 'not database'];
    run(python, ['-m', 'pytest', '-q', ...chosen], { cwd: path.join(root, 'python-runtime') });
  },
  addon() {
    prepareEmbeddings();
    runTool('vitest', ['run']);
  },
  stress() {
    if (process.platform !== 'win32') run(process.execPath, ['scripts/stress.mjs', '--rounds', '2']);
  },
  cli() {
    const excluded = databases ? [] : CLI_WITH_DATABASES.flatMap((name) => ['--exclude', `test/real/${name}.test.ts`]);
    runTool('vitest', ['run', '--config', 'cli/vitest.config.mts', ...excluded]);
  },
  release() {
    run(process.execPath, ['--test', 'scripts/test/release.test.mjs']);
    run(process.execPath, ['scripts/pack.mjs']);
    run(process.execPath, ['scripts/smoke.mjs']);
  },
  docs: () => runTool('vitest', ['run', '--config', 'cli/test/docs/vitest.config.mts']),
};

/** Suites that build nothing and start no database server; `unit` is run after a build. */
const WITHOUT_BUILD = ['rust', 'unit'];

/** What needs no database server, wheel or network, and is fast; run after a build. */
const unitSuites = {
  rust() {
    const env = { PROPTEST_CASES: '32' };
    run('cargo', ['test', '--locked', '--no-default-features', '--lib', '--test', 'architecture'], { env });
  },
  python() {
    preparePython();
    run(python, ['-m', 'pytest', '-q', '-m', 'unit and not slow'], { cwd: path.join(root, 'python-runtime') });
  },
  addon: () => runTool('vitest', ['run', '--project', 'unit']),
  cli: () => runTool('vitest', ['run', '--config', 'cli/vitest.config.mts', '--project', 'unit']),
};

/** Suites that run only when named. */
const onRequest = {
  /** Prints which lines the tests of Python and of the command line run; fails below the floors of both. */
  coverage() {
    preparePython();
    prepareEmbeddings();
    const cwd = path.join(root, 'python-runtime');
    run(python, ['-m', 'coverage', 'erase'], { cwd });
    run(python, ['-m', 'coverage', 'run', '-m', 'pytest', '-q'], { cwd });
    run(python, ['-m', 'coverage', 'combine', '-q'], { cwd });
    run(python, ['-m', 'coverage', 'report', '--skip-covered'], { cwd });
    runTool('vitest', ['run', '--config', 'cli/vitest.config.mts', '--project', 'unit', '--coverage']);
  },
  unit() {
    for (const suite of Object.values(unitSuites)) suite();
  },
};

const inner = process.argv[2] === '--inner';
const wanted = process.argv.slice(inner ? 3 : 2).filter((word) => word !== '--without-databases');
const known = { ...suites, ...onRequest };
const unknown = wanted.find((name) => !(name in known));
if (unknown) fail(`There is no suite ${unknown}. Known ones: ${Object.keys(known).join(', ')}`);

if (inner || !databases || (wanted.length > 0 && wanted.every((name) => WITHOUT_BUILD.includes(name)))) {
  const chosen = wanted.length === 0 ? suites : known;
  for (const [name, suite] of Object.entries(chosen)) if (wanted.length === 0 || wanted.includes(name)) suite();
  console.log('\nAll tests passed.');
} else {
  await build();
  const self = [process.execPath, 'scripts/test.mjs', '--inner', ...wanted];
  run(process.execPath, ['scripts/with-databases.mjs', '--', ...self]);
}
