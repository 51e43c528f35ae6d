// Writes the SBOM and the licence texts of all dependencies, reproducibly.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundledPackages, licenceOf, sbom } from './sbom.mjs';
import { fail, root } from './steps.mjs';

/** Names of the two files. */
export const SBOM = 'sbom.cdx.json';
export const THIRD_PARTY_LICENSES = 'THIRD-PARTY-LICENSES';

const RULE = `\n${'-'.repeat(100)}\n\n`;

const REGISTRIES = { npm: 'npm', pypi: 'PyPI' };

/** Writes both files into a folder. */
export function writeNotices(folder) {
  const bom = sbom();
  const bundled = new Set(bundledPackages().map(({ purl }) => purl));
  writeFileSync(path.join(folder, SBOM), `${JSON.stringify(bom, null, 2)}\n`);
  writeFileSync(
    path.join(folder, THIRD_PARTY_LICENSES),
    `${renderHeader(bom.components.filter(({ purl }) => !bundled.has(purl)))}\n${licenceTexts(bom.components, bundled)}`,
  );
}

function renderHeader(components) {
  const installed = components.flatMap((each) => {
    const registry = REGISTRIES[/^pkg:(\w+)/.exec(each.purl)[1]];
    return registry === undefined ? [] : [`  ${label(each)}, from ${registry}`];
  });
  return [
    'The binaries of this package contain the Rust standard library (MIT OR Apache-2.0), on Linux the unwinder of LLVM',
    '(Apache-2.0 WITH LLVM-exception), SQLite (public domain), and the crates whose licences follow. The local page contains',
    'the npm packages whose licences follow.',
    'Installed beside the package, some only with a feature, each with its own licence file, are:\n',
    ...installed,
  ].join('\n');
}

function label(component) {
  const licence = licenceOf(component);
  return `${component.name} ${component.version}${licence && ` (${licence})`}`;
}

/** Licence texts of crates and bundled packages, each once. One without a licence file has the name of its licence. */
function licenceTexts(components, bundled) {
  const crates = crateFolders();
  const texts = new Map();
  for (const each of components) {
    const isCrate = each.purl.startsWith('pkg:cargo/');
    if (!isCrate && !bundled.has(each.purl)) continue;
    const folder = isCrate ? crates.get(`${each.name}@${each.version}`) : path.join(root, 'node_modules', each.name);
    const found = licenceFiles(folder).map(readText);
    for (const text of found.length > 0 ? found : [`(no licence file: ${licenceOf(each)})`]) {
      texts.set(text, [...(texts.get(text) ?? []), label(each)]);
    }
  }
  return [...texts].map(([text, names]) => `${RULE}${names.join('\n')}\n\n${text}\n`).join('');
}

/** Source folders of the crates, by name and version. */
function crateFolders() {
  const options = ['metadata', '--locked', '--format-version', '1'];
  const metadata = spawnSync('cargo', options, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (metadata.status !== 0) fail(`Cannot list the crates: ${metadata.stderr}`);
  const { packages } = JSON.parse(metadata.stdout);
  return new Map(packages.map((each) => [`${each.name}@${each.version}`, path.dirname(each.manifest_path)]));
}

function licenceFiles(folder) {
  const named = /^(licen[cs]e|copying|notice|unlicense)/i;
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && named.test(entry.name))
    .map((entry) => path.join(folder, entry.name))
    .sort();
}

function readText(file) {
  return readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();
}
