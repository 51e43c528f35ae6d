#!/usr/bin/env node
// Packs what was built: the main package, and the package of this platform's binary.
//
//     node scripts/pack.mjs [--release] [--output dist]
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { fail, root, run } from './lib/steps.mjs';

const { values: options } = parseArgs({
  options: { release: { type: 'boolean', default: false }, output: { type: 'string', default: 'dist' } },
});
const output = path.resolve(root, options.output);

build({ release: options.release });
rmSync(output, { recursive: true, force: true });
packMain();
packBinary();
console.log(`\nPacked into ${output}:`, ...readdirSync(output).filter((name) => name.endsWith('.tgz')));

/** Only what a user needs; the binaries of all platforms are optional dependencies. */
function packMain() {
  const folder = path.join(output, 'main');
  const manifest = readJson(path.join(root, 'package.json'));
  for (const name of [...manifest.files, 'README.md', 'LICENSE'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  delete manifest.devDependencies;
  delete manifest.scripts;
  const platforms = readdirSync(path.join(root, 'npm')).map((name) => [`${manifest.name}-${name}`, manifest.version]);
  writeJson(path.join(folder, 'package.json'), { ...manifest, optionalDependencies: Object.fromEntries(platforms) });
  pack(folder);
}

function packBinary() {
  const binary = readdirSync(root).find((name) => name.endsWith('.node')) ?? fail('There is no binary. Build it first');
  const [, platform] = /^ktx\.(.+)\.node$/.exec(binary) ?? fail(`${binary} does not name a platform`);
  const folder = path.join(output, platform);
  cpSync(path.join(root, 'npm', platform), folder, { recursive: true });
  cpSync(path.join(root, binary), path.join(folder, binary));
  cpSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  pack(folder);
}

function pack(folder) {
  mkdirSync(output, { recursive: true });
  run('npm', ['pack', '--silent', '--pack-destination', output], { cwd: folder });
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
