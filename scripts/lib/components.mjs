// What comes along with the package: crates inside the binaries, npm packages and Python packages that are installed
// with it. Each is `{ ecosystem, name, version, licence, folder? }`; the folder is where its licence files are.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { embeddings, python } from './python.mjs';
import { fail, root } from './steps.mjs';

/** Names from before SPDX that packages of ours still use. */
const OLD_NAMES = {
  'BSD 3-Clause License': 'BSD-3-Clause',
  '3-Clause BSD License': 'BSD-3-Clause',
  'Apache 2.0': 'Apache-2.0',
  'Apache Software License': 'Apache-2.0',
  'MIT License': 'MIT',
};

const PYTHON_LICENCES = `
import importlib.metadata, json, sys

def licence(name):
    try:
        found = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    named = [line for line in found.get_all("Classifier", []) if line.startswith("License :: ")]
    return found.get("License-Expression") or found.get("License") or "".join(named).rpartition(" :: ")[2]

json.dump({name: licence(name) for name in sys.argv[1:]}, sys.stdout)
`;

/** Crates that are compiled into the binary of any platform. */
export function crates() {
  const { targets } = JSON.parse(read('package.json')).napi;
  const platforms = targets.flatMap((triple) => ['--filter-platform', triple]);
  const options = ['metadata', '--locked', '--format-version', '1', ...platforms];
  const asked = spawnSync('cargo', options, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (asked.status !== 0) fail(`The crates could not be listed: ${asked.stderr}`);
  const { packages, resolve } = JSON.parse(asked.stdout);
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const macros = new Set(packages.filter((each) => each.targets.some(isMacro)).map(({ id }) => id));
  const compiledIn = new Set();
  const queue = [resolve.root];
  while (queue.length > 0) {
    for (const { pkg, dep_kinds: kinds } of nodes.get(queue.pop()).deps) {
      if (compiledIn.has(pkg) || macros.has(pkg) || !kinds.some(({ kind }) => kind === null)) continue;
      compiledIn.add(pkg);
      queue.push(pkg);
    }
  }
  return packages
    .filter(({ id }) => compiledIn.has(id))
    .map(crate)
    .sort(byName);
}

function isMacro({ kind }) {
  return kind.includes('proc-macro');
}

function crate({ name, version, license, manifest_path: manifest }) {
  return { ecosystem: 'cargo', name, version, licence: spdx(license), folder: path.dirname(manifest) };
}

/** What `npm install @kaelio/ktx` installs beside it, as the lock file describes it. */
export function npmPackages() {
  const { packages } = JSON.parse(read('package-lock.json'));
  return Object.entries(packages)
    .filter(([place, { dev, devOptional }]) => place !== '' && !dev && !devOptional)
    .map(([place, { version, license }]) => ({
      ecosystem: 'npm',
      name: place.replace(/^.*node_modules\//, ''),
      version,
      licence: spdx(license),
      folder: path.join(root, place),
    }))
    .sort(byName);
}

/**
 * What the core of the runtime installs, or what its feature adds. The licence of a package for another Python or
 * platform is not known here.
 */
export function pythonPackages({ feature = false } = {}) {
  const section = read('python-runtime/requirements.lock').split('# feature: ')[feature ? 1 : 0];
  const pinned = [...section.matchAll(/^([\w.-]+)==(\S+)( ;)?/gm)];
  const names = new Set(pinned.map(([, name]) => name));
  const env = { ...process.env, PYTHONPATH: embeddings };
  const asked = spawnSync(python, ['-c', PYTHON_LICENCES, ...names], { encoding: 'utf8', env });
  if (asked.status !== 0) fail(`The licences of the Python packages could not be read: ${asked.stderr}`);
  const licences = JSON.parse(asked.stdout);
  return pinned
    .map(([, name, version, marker]) => ({
      ecosystem: 'pypi',
      name,
      version,
      licence: licences[name] === null ? undefined : spdx(licences[name]),
      conditional: marker !== undefined,
    }))
    .sort(byName);
}

/** An SPDX expression, as far as the package says one. */
function spdx(licence) {
  const text = licence ?? '';
  return (OLD_NAMES[text] ?? text).replaceAll('/', ' OR ');
}

function byName(a, b) {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

function read(file) {
  return readFileSync(path.join(root, file), 'utf8');
}
