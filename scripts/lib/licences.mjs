// Licences of the npm and Python packages that users get; crates are cargo-deny's. All are held to the list in deny.toml.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { npmPackages, pythonPackages } from './components.mjs';
import { fail, root } from './steps.mjs';

/** What packages of a feature may have besides: users fetch them themselves when they ask for it, we hand on none. */
const OF_FEATURES = ['0BSD', 'CC0-1.0', 'MPL-2.0'];

/** Ends the script if a package has a licence that deny.toml does not allow. */
export function checkLicences() {
  const allowed = allowedLicences();
  const isHere = ({ licence, conditional }) => licence !== undefined || !conditional;
  const shipped = [...npmPackages(), ...pythonPackages().filter(isHere)];
  const feature = pythonPackages({ feature: true }).filter(isHere);
  const refused = [
    ...shipped.filter(({ licence }) => !isAllowed(licence, allowed)),
    ...feature.filter(({ licence }) => !isAllowed(licence, new Set([...allowed, ...OF_FEATURES]))),
  ];
  if (refused.length > 0) {
    const list = refused.map(({ name, licence = 'is not installed' }) => `  ${name}: ${licence || 'says none'}`);
    fail(`Licences that deny.toml does not allow:\n${list.join('\n')}`);
  }
  console.log(`Licences of ${shipped.length + feature.length} npm and Python packages are allowed`);
}

function allowedLicences() {
  const toml = readFileSync(path.join(root, 'deny.toml'), 'utf8');
  const list = /^allow = \[(.*?)\]/ms.exec(toml)?.[1] ?? fail('deny.toml has no list of allowed licences');
  return new Set([...list.matchAll(/"(.+?)"/g)].map(([, licence]) => licence));
}

function isAllowed(licence = 'is not installed', allowed = new Set()) {
  const choices = licence.replace(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((part) => allowed.has(part)));
}
