// Licences of the npm and Python packages that users get, by their SPDX expressions; crates are cargo-deny's.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import satisfies from 'spdx-satisfies';
import { licenceOf, npmPackages, pythonPackages } from './sbom.mjs';
import { fail, root } from './steps.mjs';

/** What packages of a feature may have besides: users fetch them themselves when they ask for it, we hand on none. */
const OF_FEATURES = ['0BSD', 'CC0-1.0', 'MPL-2.0'];

/** Ends the script if a package has a licence that deny.toml does not allow. */
export function checkLicences() {
  const allowed = allowedLicences();
  const shipped = [...npmPackages(), ...knownHere(pythonPackages())];
  const features = knownHere(pythonPackages({ feature: true }));
  const refused = [
    ...shipped.filter((each) => !isAllowed(each, allowed)),
    ...features.filter((each) => !isAllowed(each, [...allowed, ...OF_FEATURES])),
  ];
  if (refused.length > 0) {
    const list = refused.map((each) => `  ${each.purl}: ${licenceOf(each) || 'names none'}`);
    fail(`Licences that deny.toml does not allow:\n${list.join('\n')}`);
  }
  console.log(`Licences of ${shipped.length + features.length} npm and Python packages are allowed`);
}

/** Without the packages for other platforms or Python versions, whose licence is not known here. */
function knownHere(packages) {
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
