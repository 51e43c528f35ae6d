#!/usr/bin/env node
// Builds and packs the main package and the package of a platform's binary.
//
//     node scripts/pack.mjs [--release] [--target x86_64-unknown-linux-musl] [--output dist]
//     node scripts/pack.mjs --binaries FOLDER [--output dist]     every binary in the folder, with its native.js
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { build, buildPortable } from './build.mjs';
import { buildBinary, hostTriple } from './lib/binary.mjs';
import { absoluteLinks } from './lib/links.mjs';
import { SBOM, THIRD_PARTY_LICENSES, writeNotices } from './lib/notices.mjs';
import { fail, root, run } from './lib/steps.mjs';

const { values: options } = parseArgs({
  options: {
    release: { type: 'boolean', default: false },
    target: { type: 'string' },
    binaries: { type: 'string' },
    output: { type: 'string', default: 'dist' },
  },
});
const output = path.resolve(root, options.output);
const manifest = readJson(path.join(root, 'package.json'));

const [folder, binaries] = await prepare();
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
writeNotices(output);
packMain(path.join(folder, 'native.js'));
for (const binary of binaries) packBinary(path.join(folder, binary));
writeChecksums();
console.log(`\nPacked into ${output}:`, ...listTarballs());

/** Builds; returns the folder with the loader and the binaries, and the names of the binaries. */
async function prepare() {
  if (options.binaries !== undefined) {
    buildPortable();
    const from = path.resolve(options.binaries);
    return [from, readdirSync(from).filter((name) => name.endsWith('.node'))];
  }
  if (options.release || options.target !== undefined) {
    buildPortable();
    return [root, [await buildBinary(options.target)]];
  }
  await build();
  const { parseTriple } = await import('@napi-rs/cli');
  return [root, [`${manifest.napi.binaryName}.${parseTriple(hostTriple()).platformArchABI}.node`]];
}

/** Packs published files only; the binaries of all platforms are optional dependencies. */
function packMain(loader) {
  const target = path.join(output, 'main');
  const files = manifest.files.filter((name) => ![SBOM, THIRD_PARTY_LICENSES, 'native.js'].includes(name));
  // Screenshots are read on the repository's site.
  const filter = (file) => file !== path.join(root, 'docs', 'images');
  for (const name of [...files, 'README.md', 'LICENSE'])
    cpSync(path.join(root, name), path.join(target, name), { recursive: true, filter });
  cpSync(loader, path.join(target, 'native.js'));
  for (const name of [SBOM, THIRD_PARTY_LICENSES]) cpSync(path.join(output, name), path.join(target, name));
  const { devDependencies, scripts, napi, ...published } = manifest;
  const platforms = readdirSync(path.join(root, 'npm')).map((name) => [`${manifest.name}-${name}`, manifest.version]);
  writeJson(path.join(target, 'package.json'), { ...published, optionalDependencies: Object.fromEntries(platforms) });
  pack(target);
}

function packBinary(binary) {
  const name = path.basename(binary);
  const [, platform] = /^ktx\.(.+)\.node$/.exec(name) ?? fail(`${name} does not name a platform`);
  const target = path.join(output, platform);
  cpSync(path.join(root, 'npm', platform), target, { recursive: true });
  cpSync(binary, path.join(target, name));
  cpSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
  cpSync(path.join(output, THIRD_PARTY_LICENSES), path.join(target, THIRD_PARTY_LICENSES));
  pack(target);
}

function pack(target) {
  const file = path.join(target, 'package.json');
  const { homepage, bugs, repository } = manifest;
  // A registry verifies the provenance against the repository, which is another one in a fork.
  const url = `git+${repositoryUrl()}.git`;
  writeJson(file, { ...readJson(file), homepage, bugs, repository: { ...repository, url } });
  linkToRepository(target);
  run('npm', ['pack', '--silent', '--pack-destination', output], { cwd: target });
}

/** Makes links of the README absolute for the page of the registry, and links of `docs` that lead out of the package. */
function linkToRepository(target) {
  const base = `${repositoryUrl()}/blob/v${manifest.version}/`;
  const readme = path.join(target, 'README.md');
  writeFileSync(readme, absoluteLinks(readFileSync(readme, 'utf8'), base));
  const docs = path.join(target, 'docs');
  const pages = existsSync(docs) ? readdirSync(docs).filter((name) => name.endsWith('.md')) : [];
  for (const page of pages.map((name) => path.join(docs, name))) {
    const isOutside = (link) => !existsSync(path.join(docs, link.split('#')[0]));
    writeFileSync(page, absoluteLinks(readFileSync(page, 'utf8'), `${base}docs/`, isOutside));
  }
}

function repositoryUrl() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  return name === undefined ? manifest.repository.url.replace(/^git\+|\.git$/g, '') : `${server}/${name}`;
}

/** Writes checksums, so that exactly the tested packages are published, on any machine. */
function writeChecksums() {
  const lines = listTarballs().map((name) => `${sha256(path.join(output, name))}  ${name}\n`);
  writeFileSync(path.join(output, 'SHA256SUMS'), lines.join(''));
}

function listTarballs() {
  return readdirSync(output)
    .filter((name) => name.endsWith('.tgz'))
    .sort();
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
