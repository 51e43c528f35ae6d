// Licences of the npm and Python packages that users get; crates are cargo-deny's. All are held to the list in deny.toml.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { python } from './python.mjs';
import { fail, root } from './steps.mjs';

/** Names from before SPDX that packages of ours still use. */
const OLD_NAMES = { 'BSD 3-Clause License': 'BSD-3-Clause' };

const PYTHON_LICENCES = `
import importlib.metadata, json, sys

def licence(name):
    try:
        found = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    return found.get("License-Expression") or found.get("License") or ""

json.dump({name: licence(name) for name in sys.argv[1:]}, sys.stdout)
`;

/** Ends the script if a package has a licence that deny.toml does not allow. */
export function checkLicences() {
  const allowed = allowedLicences();
  const found = [...npmLicences(), ...pythonLicences()];
  const refused = found.filter(([, licence]) => !isAllowed(licence, allowed));
  if (refused.length > 0) {
    const list = refused.map(([name, licence]) => `  ${name}: ${licence || 'says none'}`).join('\n');
    fail(`Licences that deny.toml does not allow:\n${list}`);
  }
  console.log(`Licences of ${found.length} npm and Python packages are allowed`);
}

function allowedLicences() {
  const list = /^allow = \[(.*?)\]/ms.exec(read('deny.toml'))?.[1] ?? fail('deny.toml has no list of allowed licences');
  return new Set([...list.matchAll(/"(.+?)"/g)].map(([, licence]) => licence));
}

function isAllowed(licence, allowed) {
  const choices = licence.replace(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((part) => allowed.has(OLD_NAMES[part] ?? part)));
}

/** What `npm install @kaelio/ktx` installs, as the lock file describes it. */
function npmLicences() {
  const { packages } = JSON.parse(read('package-lock.json'));
  return Object.entries(packages)
    .filter(([, { dev, devOptional }]) => !dev && !devOptional)
    .map(([name, { license }]) => [name.replace(/^.*node_modules\//, '') || 'this package', license ?? '']);
}

/** What the core of the runtime installs; packages for another Python or platform are not here to be asked. */
function pythonLicences() {
  const [core] = read('python-runtime/requirements.lock').split('# feature: ');
  const pinned = [...core.matchAll(/^([\w.-]+)==\S+( ;)?/gm)];
  const conditional = new Set(pinned.filter(([, , marker]) => marker).map(([, name]) => name));
  const names = [...new Set(pinned.map(([, name]) => name))];
  const asked = spawnSync(python, ['-c', PYTHON_LICENCES, ...names], { encoding: 'utf8' });
  if (asked.status !== 0) fail(`The licences of the Python packages could not be read: ${asked.stderr}`);
  return Object.entries(JSON.parse(asked.stdout))
    .filter(([name, licence]) => licence !== null || !conditional.has(name))
    .map(([name, licence]) => [name, licence ?? 'is not installed']);
}

function read(file) {
  return readFileSync(path.join(root, file), 'utf8');
}
