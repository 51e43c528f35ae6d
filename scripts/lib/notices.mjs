// The two files that tell what comes along: an SBOM for machines, licence texts for people. The same bytes every time.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crates, npmPackages, pythonPackages } from './components.mjs';
import { preparePython } from './python.mjs';
import { root } from './steps.mjs';

/** Names of the two files. */
export const SBOM = 'sbom.cdx.json';
export const THIRD_PARTY_LICENSES = 'THIRD-PARTY-LICENSES';

const RULE = `\n${'-'.repeat(100)}\n\n`;

/** Writes both files into a folder. */
export function writeNotices(folder) {
  preparePython();
  const inside = crates();
  const beside = [...npmPackages(), ...pythonPackages()];
  writeFileSync(path.join(folder, SBOM), `${JSON.stringify(sbom([...inside, ...beside]), null, 2)}\n`);
  writeFileSync(path.join(folder, THIRD_PARTY_LICENSES), licenceTexts(inside, beside));
}

/** CycloneDX 1.6, see https://cyclonedx.org/docs/1.6/json. */
function sbom(components) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const self = component({ ecosystem: 'npm', name, version, licence: license });
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: self },
    components: components.map(component),
  };
}

function component({ ecosystem, name, version, licence }) {
  const purl = `pkg:${ecosystem}/${name.replace('@', '%40')}@${version}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(licence && { licenses: [{ expression: licence }] }),
  };
}

function licenceTexts(inside, beside) {
  const head = [
    'The binaries of this package contain the Rust standard library (MIT OR Apache-2.0), on Linux the unwinder of LLVM',
    '(Apache-2.0 WITH LLVM-exception), SQLite (public domain), and the crates whose licences follow.',
    'Installed beside the package, each with its own licence file, are:\n',
    ...beside.map(({ ecosystem, ...each }) => `  ${label(each)}, from ${ecosystem === 'npm' ? 'npm' : 'PyPI'}`),
  ];
  const parts = [head.join('\n')];
  for (const [text, names] of textsOf(inside)) parts.push(`${names.join('\n')}\n\n${text}`);
  return `${parts.join(RULE)}\n`;
}

/** Each text once, with the crates that it belongs to; one without a text of its own stands with its licence's name. */
function textsOf(components) {
  const texts = new Map();
  for (const each of components) {
    const found = licenceFiles(each.folder).map((file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim());
    for (const text of found.length > 0 ? found : [`(no text of its own: ${each.licence})`]) {
      texts.set(text, [...(texts.get(text) ?? []), label(each)]);
    }
  }
  return texts;
}

function licenceFiles(folder) {
  if (!existsSync(folder)) return [];
  const named = /^(licen[cs]e|copying|notice|unlicense)/i;
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && named.test(entry.name))
    .map((entry) => path.join(folder, entry.name))
    .sort();
}

function label({ name, version, licence }) {
  return `${name} ${version}${licence ? ` (${licence})` : ''}`;
}
