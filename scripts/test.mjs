#!/usr/bin/env node
// Runs every test: builds everything, starts PostgreSQL and MariaDB, then runs the tests of the Rust core, the wheel, the
// addon and the command line, and the commands of the documentation.
//
//     node scripts/test.mjs [--without-databases] [SUITE …]
//
// Suites: rust, python, warehouses, engines, addon, stress, cli, web, mcp, agents, release, docs, unit, coverage.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { installDebianPackages } from './lib/debian.mjs';
import { prepareEmbeddings, preparePython, python } from './lib/python.mjs';
import { fail, root, run, runTool } from './lib/steps.mjs';

/** Whether to run tests that need a database server; `--without-databases` disables them. */
const databases = !process.argv.includes('--without-databases');

/** Test files in cli/test/real that need PostgreSQL. */
const CLI_WITH_DATABASES = [
  ...['clickhouse', 'connection', 'foreign-keys', 'ingest', 'logging', 'query'],
  ...['scan', 'serve', 'serve-semantic', 'setup-guided', 'sl'],
];

/** Programs that tests of the command line type into, where Debian's package has the same name. */
const TERMINAL_PROGRAMS = ['tmux', 'zsh', 'fish'];

function installTerminalPrograms() {
  if (process.platform !== 'linux') return;
  const missing = TERMINAL_PROGRAMS.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  if (missing.length > 0) installDebianPackages(missing);
}

/** Test files in web/test/browser whose projects are on PostgreSQL. */
const WEB_WITH_DATABASES = ['hostile', 'map', 'policy'];

/** Installs Debian's Chromium where the tests of the page look for it. */
function installChromium() {
  if (process.platform !== 'linux' || process.env.KTX_CHROMIUM !== undefined) return;
  // The fonts are only recommended by the browser's package, which draws no text without any.
  if (!existsSync('/usr/bin/chromium')) installDebianPackages(['chromium', 'fonts-dejavu-core', 'fonts-liberation']);
}

const suites = {
  rust() {
    // Tests of the installers use uv of the development environment.
    preparePython();
    run('cargo', ['test', '--locked', '--no-default-features']);
  },
  python: () => {
    preparePython();
    prepareEmbeddings();
    const selection = databases ? [] : ['-m', 'not database'];
    run(python, ['-m', 'pytest', '-q', ...selection], { cwd: path.join(root, 'python-runtime') });
  },
  /** Connectors on the engines that install themselves quickly; `node scripts/warehouses.mjs` runs all. */
  warehouses() {
    if (process.platform === 'linux') run(process.execPath, ['scripts/warehouses.mjs', '--short']);
  },
  /** The semantic layer on the same engines; `node scripts/semantic-engines.mjs` runs all. */
  engines() {
    if (process.platform === 'linux') run(process.execPath, ['scripts/semantic-engines.mjs', '--short']);
  },
  addon() {
    prepareEmbeddings();
    runTool('vitest', ['run']);
  },
  stress() {
    if (process.platform !== 'win32') run(process.execPath, ['scripts/stress.mjs', '--rounds', '2']);
  },
  cli() {
    installTerminalPrograms();
    const excluded = databases ? [] : CLI_WITH_DATABASES.flatMap((name) => ['--exclude', `test/real/${name}.test.ts`]);
    runTool('vitest', ['run', '--config', 'cli/vitest.config.mts', ...excluded]);
  },
  /** The local page in Chromium; on other systems than Linux where KTX_CHROMIUM names it, otherwise without a browser. */
  web() {
    installChromium();
    const browser = process.platform === 'linux' || process.env.KTX_CHROMIUM !== undefined;
    const excluded = databases
      ? []
      : WEB_WITH_DATABASES.flatMap((name) => ['--exclude', `test/browser/${name}.test.ts`]);
    const projects = browser ? [] : ['--project', 'unit'];
    runTool('vitest', ['run', '--config', 'web/vitest.config.mts', ...projects, ...excluded]);
  },
  /** The conformance suite and the inspector of the protocol, which are installed from npm. */
  mcp: () => run(process.execPath, ['scripts/mcp-conformance.mjs']),
  /** Four clients, which are installed from npm, ask a question; `node scripts/agents-clients.mjs` checks more of them. */
  agents() {
    if (process.platform !== 'win32') run(process.execPath, ['scripts/agents-clients.mjs', '--short']);
  },
  release() {
    run(process.execPath, ['--test', 'scripts/test/first-run.test.mjs', 'scripts/test/release.test.mjs']);
    run(process.execPath, ['scripts/pack.mjs']);
    run(process.execPath, ['scripts/smoke.mjs']);
    if (process.platform === 'linux') run(process.execPath, ['scripts/smoke.mjs', '--node-alone']);
  },
  docs: () => runTool('vitest', ['run', '--config', 'cli/test/docs/vitest.config.mts']),
};

/** Suites that run without a build and database servers; `unit` expects an existing build. */
const WITHOUT_BUILD = ['rust', 'warehouses', 'engines', 'unit'];

/** Fast tests that need no database server, wheel or network; they expect an existing build. */
const unitSuites = {
  rust() {
    const env = { PROPTEST_CASES: '16' };
    run('cargo', ['test', '--locked', '--no-default-features', '--lib', '--test', 'architecture'], { env });
  },
  python() {
    preparePython();
    // The plugins of Hypothesis and AnyIO, which these tests do not use, take two seconds to import.
    const options = ['-q', '--disable-plugin-autoload', '-m', 'not slow', 'tests/unit'];
    run(python, ['-m', 'pytest', ...options], { cwd: path.join(root, 'python-runtime') });
  },
  addon: () => runTool('vitest', ['run', '--project', 'unit']),
  cli: () => runTool('vitest', ['run', '--config', 'cli/vitest.config.mts', '--project', 'unit']),
  web: () => runTool('vitest', ['run', '--config', 'web/vitest.config.mts', '--project', 'unit']),
};

/** Suites that run only on request. */
const onRequest = {
  /** Prints the coverage of Python and of the command line; fails below the thresholds. */
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
const requested = process.argv.slice(inner ? 3 : 2).filter((word) => word !== '--without-databases');
const available = { ...suites, ...onRequest };
const unknown = requested.find((name) => !(name in available));
if (unknown) fail(`There is no suite ${unknown}. Available: ${Object.keys(available).join(', ')}`);

if (inner || !databases || (requested.length > 0 && requested.every((name) => WITHOUT_BUILD.includes(name)))) {
  const candidates = requested.length === 0 ? suites : available;
  for (const [name, suite] of Object.entries(candidates))
    if (requested.length === 0 || requested.includes(name)) suite();
  console.log('\nAll tests passed.');
} else {
  await build();
  const self = [process.execPath, 'scripts/test.mjs', '--inner', ...requested];
  run(process.execPath, ['scripts/with-databases.mjs', '--', ...self]);
}
