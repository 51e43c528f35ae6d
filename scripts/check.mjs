#!/usr/bin/env node
// Runs every check that is not a test, fast ones first; stops at the first failure.
//
//     node scripts/check.mjs [versions|documentation|formatting|words|rust|javascript|python|licences|generated …]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build } from './build.mjs';
import { checkDocumentation } from './lib/documentation.mjs';
import { lintImports, prepareEmbeddings, preparePython, python } from './lib/python.mjs';
import { fail, findPython, root, run, runTool } from './lib/steps.mjs';
import { packageVersion, staleVersions } from './lib/versions.mjs';
import { checkWords } from './lib/words.mjs';

// Scripts may print and start programs.
const RUFF_IN_SCRIPTS = ['../scripts', '--extend-ignore', 'D103,RUF100,S,T201'];

const beforeBuild = {
  versions: checkVersions,
  documentation: checkDocumentation,
  formatting: () => run('cargo', ['fmt', '--check']),
};

const afterBuild = {
  words: checkWords,
  rust: checkRust,
  javascript: checkJavaScript,
  python: checkPython,
  async licences() {
    if (spawnSync('cargo', ['deny', '--version']).status !== 0) {
      fail('cargo-deny is required to check licences. Install it with: cargo install cargo-deny --locked');
    }
    run('cargo', ['deny', '--locked', 'check', 'licenses', 'bans', 'sources']);
    prepareEmbeddings();
    // Imported here, as its packages are installed by the build.
    const { checkLicences } = await import('./lib/licences.mjs');
    checkLicences();
  },
  generated: checkGenerated,
};

/** Checks that all files have the same version, and that lock files have no URL of a registry. */
function checkVersions() {
  const expected = packageVersion(root);
  for (const { file, version } of staleVersions(root)) {
    fail(`${file} has version ${version}, package.json has ${expected}. Run: node scripts/version.mjs`);
  }
  const addresses = { 'package-lock.json': /"resolved":/, 'python-runtime/requirements.lock': /^--|:\/\//m };
  for (const folder of ['agents', 'conformance']) addresses[`scripts/${folder}/package-lock.json`] = /"resolved":/;
  for (const file of listEngineLocks()) addresses[file] = /^--|:\/\//m;
  for (const [file, address] of Object.entries(addresses)) {
    if (address.test(read(file))) fail(`${file} has the URL of a registry. Regenerate it without`);
  }
  console.log(`Version ${expected} in all files`);
}

/** Lock files of the engines that the warehouse connectors are tested on. */
function listEngineLocks() {
  const folder = 'python-runtime/tests/warehouses/requirements';
  return readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`);
}

/** Lints tests without napi, as its macros leave exports unused in test builds. */
function checkRust() {
  run('cargo', ['clippy', '--locked', '--', '-D', 'warnings']);
  run('cargo', ['clippy', '--locked', '--no-default-features', '--all-targets', '--', '-D', 'warnings']);
}

function checkJavaScript() {
  runTool('biome', ['ci', '.']);
  const types = path.join('__test__', 'types');
  const projects = readdirSync(path.join(root, types))
    .filter((name) => /^tsconfig\..+\.json$/.test(name))
    .map((name) => path.join(types, name));
  if (projects.length === 0) fail(`${types} has no tsconfig.*.json: the type tests are missing`);
  for (const project of ['cli', path.join('cli', 'test'), 'web', '__test__', ...projects]) {
    runTool('tsc', ['-p', project, '--noEmit']);
  }
}

function checkPython() {
  preparePython();
  const here = { cwd: path.join(root, 'python-runtime') };
  run(python, ['-m', 'ruff', 'check', '.'], here);
  run(python, ['-m', 'ruff', 'check', ...RUFF_IN_SCRIPTS], here);
  run(python, ['-m', 'ruff', 'format', '--check', '.', '../scripts'], here);
  run(python, ['-m', 'mypy'], here);
  run(lintImports, ['--no-cache', '--no-logo'], { ...here, env: { PYTHONPATH: 'src' } });
}

/** Checks that generated files are current, and that the build of the wheel is reproducible. */
async function checkGenerated() {
  // Imported here, as their packages are installed by the build.
  const { checkApiReference } = await import('./lib/api-reference.mjs');
  const { checkWarehousesPage } = await import('./lib/warehouses-page.mjs');
  checkApiReference();
  checkWarehousesPage();
  preparePython();
  run(python, ['scripts/build-wheel.py', '--check-lock']);
  run(python, ['scripts/build-embedding-graph.py', '--check']);
  checkSchemas();
  run(findPython(), ['scripts/build-demo-warehouse.py', '--check']);
  const rebuilt = path.join(root, 'python-runtime', 'dist');
  run(findPython(), ['scripts/build-wheel.py', '--force', '--output', rebuilt]);
  for (const file of readdirSync(rebuilt)) {
    const built = path.join('assets', 'python', file);
    const same = existsSync(path.join(root, built)) && read(built, null).equals(readFileSync(path.join(rebuilt, file)));
    if (!same) fail(`Rebuilding ${built} results in different bytes`);
  }
  console.log('The build of the wheel is reproducible');
}

/** Checks the schemas against the types of the daemon, and the types of the other languages against the schemas. */
function checkSchemas() {
  run(python, ['scripts/write-schemas.py', '--check']);
  run('cargo', ['test', '--locked', '--no-default-features', '--lib', 'schema']);
  runTool('vitest', ['run', '--config', 'cli/vitest.config.mts', '--project', 'generated']);
}

function read(file, encoding = 'utf8') {
  return readFileSync(path.join(root, file), encoding);
}

const requested = process.argv.slice(2);
const available = Object.keys({ ...beforeBuild, ...afterBuild });
const unknown = requested.find((name) => !available.includes(name));
if (unknown) fail(`There is no check ${unknown}. Available: ${available.join(', ')}`);

const runRequested = async (checks) => {
  for (const [name, check] of Object.entries(checks))
    if (requested.length === 0 || requested.includes(name)) await check();
};
await runRequested(beforeBuild);
if (requested.length === 0 || requested.some((name) => name in afterBuild)) {
  await build();
  await runRequested(afterBuild);
}
console.log('\nAll checks passed.');
