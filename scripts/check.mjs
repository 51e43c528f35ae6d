#!/usr/bin/env node
// Everything that must hold and is not a test, cheap things first; the first failure ends it.
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
import { staleVersions, wantedVersion } from './lib/versions.mjs';
import { checkWords } from './lib/words.mjs';

// Scripts print, start programs, and are read in one piece.
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

/** One version in every place that has one, and no registry's address in a lock file. */
function checkVersions() {
  const wanted = wantedVersion(root);
  for (const { file, version } of staleVersions(root)) {
    fail(`${file} has version ${version}, package.json has ${wanted}. Run: node scripts/version.mjs`);
  }
  const addresses = { 'package-lock.json': /"resolved":/, 'python-runtime/requirements.lock': /^--|:\/\//m };
  for (const [file, address] of Object.entries(addresses)) {
    if (address.test(read(file))) fail(`${file} holds the address of a registry. Regenerate it without`);
  }
  console.log(`Version ${wanted} everywhere`);
}

/** Tests are compiled without napi, whose macros leave the exports unused in them. */
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
  if (projects.length === 0) fail(`${types} has no tsconfig.*.json: the type tests are gone`);
  for (const project of ['cli', path.join('cli', 'test'), '__test__', ...projects]) {
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

/** What is made by a script is what the script makes now, and the wheel has the same bytes whenever it is built. */
async function checkGenerated() {
  const { checkApiReference } = await import('./lib/api-reference.mjs');
  checkApiReference();
  preparePython();
  run(python, ['scripts/build-wheel.py', '--check-lock']);
  run(python, ['scripts/build-embedding-graph.py', '--check']);
  checkSchemas();
  run(findPython(), ['scripts/build-demo-warehouse.py', '--check']);
  const again = path.join(root, 'python-runtime', 'dist');
  run(findPython(), ['scripts/build-wheel.py', '--force', '--output', again]);
  for (const file of readdirSync(again)) {
    const built = path.join('assets', 'python', file);
    const same = existsSync(path.join(root, built)) && read(built, null).equals(readFileSync(path.join(again, file)));
    if (!same) fail(`Building ${built} again gives other bytes`);
  }
  console.log('The wheel has the same bytes when it is built again');
}

/** The schemas are those of the daemon's types, and the types of the other languages are those of the schemas. */
function checkSchemas() {
  run(python, ['scripts/write-schemas.py', '--check']);
  run('cargo', ['test', '--locked', '--no-default-features', '--lib', 'schema']);
  runTool('vitest', ['run', '--config', 'cli/vitest.config.mts', '--project', 'unit', 'unit/schemas.test.ts']);
}

function read(file, encoding = 'utf8') {
  return readFileSync(path.join(root, file), encoding);
}

const wanted = process.argv.slice(2);
const known = Object.keys({ ...beforeBuild, ...afterBuild });
const unknown = wanted.find((name) => !known.includes(name));
if (unknown) fail(`There is no check ${unknown}. Known ones: ${known.join(', ')}`);

const runWanted = async (checks) => {
  for (const [name, check] of Object.entries(checks)) if (wanted.length === 0 || wanted.includes(name)) await check();
};
await runWanted(beforeBuild);
if (wanted.length === 0 || wanted.some((name) => name in afterBuild)) {
  await build();
  await runWanted(afterBuild);
}
console.log('\nAll checks passed.');
