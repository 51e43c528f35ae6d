#!/usr/bin/env node
// Every test, from a fresh clone: builds everything, starts PostgreSQL and MariaDB, then runs the tests of the Rust
// core, the wheel, the addon and the command line, and the commands that the documentation shows.
//
//     node scripts/test.mjs [rust|python|addon|stress|cli|release|docs|unit …]
import path from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { prepareEmbeddings, preparePython, python } from './lib/python.mjs';
import { fail, root, run, runTool } from './lib/steps.mjs';

const suites = {
  rust() {
    // Its tests of the installers take the uv of the development environment.
    preparePython();
    run('cargo', ['test', '--locked', '--no-default-features']);
  },
  python: () => {
    preparePython();
    prepareEmbeddings();
    run(python, ['-m', 'pytest', '-q'], { cwd: path.join(root, 'python-runtime') });
  },
  addon() {
    prepareEmbeddings();
    runTool('vitest', ['run']);
  },
  stress() {
    if (process.platform !== 'win32') run(process.execPath, ['scripts/stress.mjs', '--rounds', '2']);
  },
  cli: () => runTool('vitest', ['run', '--config', 'cli/vitest.config.mts']),
  release() {
    run(process.execPath, ['--test', 'scripts/test/release.test.mjs']);
    run(process.execPath, ['scripts/pack.mjs']);
    run(process.execPath, ['scripts/smoke.mjs']);
  },
  docs: () => runTool('vitest', ['run', '--config', 'cli/test/docs/vitest.config.mts']),
};

/** Suites that need neither the addon, nor the wheel, nor a database server. */
const WITHOUT_BUILD = ['rust'];

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

const inner = process.argv[2] === '--inner';
const wanted = process.argv.slice(inner ? 3 : 2);
const unknown = wanted.find((name) => name !== 'unit' && !(name in suites));
if (unknown) fail(`There is no suite ${unknown}. Known ones: ${Object.keys(suites).join(', ')}`);

if (wanted.includes('unit')) {
  for (const suite of Object.values(unitSuites)) suite();
} else if (inner || (wanted.length > 0 && wanted.every((name) => WITHOUT_BUILD.includes(name)))) {
  for (const [name, suite] of Object.entries(suites)) if (wanted.length === 0 || wanted.includes(name)) suite();
  console.log('\nAll tests passed.');
} else {
  await build();
  const self = [process.execPath, 'scripts/test.mjs', '--inner', ...wanted];
  run(process.execPath, ['scripts/with-databases.mjs', '--', ...self]);
}
