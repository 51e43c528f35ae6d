// Licences of the npm and Python packages that users get; crates are cargo-deny's. All are held to the list in deny.toml.
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

/** What packages of a feature may have besides: users fetch them themselves when they ask for it, we hand on none. */
const OF_FEATURES = ['0BSD', 'CC0-1.0', 'MPL-2.0', 'PSF-2.0'];

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

/** Ends the script if a package has a licence that deny.toml does not allow. */
export function checkLicences() {
  const allowed = allowedLicences();
  const [core, feature] = read('python-runtime/requirements.lock').split('# feature: ').map(pythonLicences);
  const shipped = [...npmLicences(), ...core];
  const refused = [
    ...shipped.filter(([, licence]) => !isAllowed(licence, allowed)),
    ...feature.filter(([, licence]) => !isAllowed(licence, new Set([...allowed, ...OF_FEATURES]))),
  ];
  if (refused.length > 0) {
    const list = refused.map(([name, licence]) => `  ${name}: ${licence || 'says none'}`).join('\n');
    fail(`Licences that deny.toml does not allow:\n${list}`);
  }
  console.log(`Licences of ${shipped.length + feature.length} npm and Python packages are allowed`);
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

/** What a section of the lock installs; packages for another Python or platform are not here to be asked. */
function pythonLicences(section) {
  const pinned = [...section.matchAll(/^([\w.-]+)==\S+( ;)?/gm)];
  const conditional = new Set(pinned.filter(([, , marker]) => marker).map(([, name]) => name));
  const names = [...new Set(pinned.map(([, name]) => name))];
  const env = { ...process.env, PYTHONPATH: embeddings };
  const asked = spawnSync(python, ['-c', PYTHON_LICENCES, ...names], { encoding: 'utf8', env });
  if (asked.status !== 0) fail(`The licences of the Python packages could not be read: ${asked.stderr}`);
  return Object.entries(JSON.parse(asked.stdout))
    .filter(([name, licence]) => licence !== null || !conditional.has(name))
    .map(([name, licence]) => [name, licence ?? 'is not installed']);
}

function read(file) {
  return readFileSync(path.join(root, file), 'utf8');
}
