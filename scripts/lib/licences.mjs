// Checks the licences of the npm and Python packages that users install; cargo-deny checks those of crates.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import satisfies from 'spdx-satisfies';
import { bundledPackages, licenceOf, npmPackages, pythonPackages } from './sbom.mjs';
import { fail, root } from './steps.mjs';

/** Additional licences for packages of features, which users install themselves and which are not distributed. */
const ALLOWED_IN_FEATURES = ['0BSD', 'CC0-1.0', 'MPL-2.0'];

/** Fails if a package has a licence that deny.toml does not allow. */
export function checkLicences() {
  const allowed = allowedLicences();
  const shipped = [...npmPackages(), ...bundledPackages(), ...withKnownLicence(pythonPackages())];
  const features = withKnownLicence(pythonPackages({ feature: true }));
  const rejected = [
    ...shipped.filter((each) => !isAllowed(each, allowed)),
    ...features.filter((each) => !isAllowed(each, [...allowed, ...ALLOWED_IN_FEATURES])),
  ];
  if (rejected.length > 0) {
    const list = rejected.map((each) => `  ${each.purl}: ${licenceOf(each) || 'none'}`);
    fail(`Licences that deny.toml does not allow:\n${list.join('\n')}`);
  }
  console.log(`Licences of ${shipped.length + features.length} npm and Python packages are allowed`);
}

/** Removes packages for other platforms or Python versions, whose licence is unknown on this machine. */
function withKnownLicence(packages) {
  return packages
    .filter(({ component, conditional }) => !conditional || licenceOf(component) !== '')
    .map(({ component }) => component);
}

function allowedLicences() {
  const toml = readFileSync(path.join(root, 'deny.toml'), 'utf8');
  const list = /^allow = \[(.*?)\]/ms.exec(toml)?.[1] ?? fail('deny.toml has no list of allowed licences');
  return [...list.matchAll(/"(.+?)"/g)].map(([, licence]) => licence);
}

function isAllowed(component, allowed) {
  const licence = licenceOf(component);
  return licence !== '' && satisfies(licence, allowed);
}
