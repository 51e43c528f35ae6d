// Software bill of materials: merges the lists of npm, cargo-cyclonedx and cyclonedx-py.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { embeddings, prepareEmbeddings, preparePython, python } from './python.mjs';
import { fail, root } from './steps.mjs';

/**
 * Licences of Python packages whose metadata has no SPDX expression. Those of pg8000, protobuf and safetensors are read
 * from their licence files. The wheels of flatbuffers, thrift and tokenizers have none: theirs are from the metadata and
 * the licence file in the repository.
 */
const PYTHON_LICENCES = {
  flatbuffers: 'Apache-2.0',
  'google-auth': 'Apache-2.0',
  pg8000: 'BSD-3-Clause',
  protobuf: 'BSD-3-Clause',
  'pyasn1-modules': 'BSD-2-Clause',
  safetensors: 'Apache-2.0',
  thrift: 'Apache-2.0',
  tokenizers: 'Apache-2.0',
};

/** Cached, as reading takes seconds. */
let pythonLicenceCache;

/** Creates the SBOM: crates, npm packages, and Python packages of the core and of features. */
export function sbom() {
  const { name, version, license } = JSON.parse(read('package.json'));
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const pythonComponents = [...pythonPackages(), ...pythonPackages({ feature: true })];
  const python = pythonComponents.map(({ component }) => component);
  const components = unique([...crates(), ...npmPackages(), ...bundledPackages(), ...python]);
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', 'bom-ref': purl, name, version, purl, licenses: [{ expression: license }] },
    },
    components,
    dependencies: [{ ref: purl, dependsOn: components.map((each) => each['bom-ref']) }],
  };
}

/** Crates of every target of the addon; cargo-cyclonedx can only write beside the manifest. */
export function crates() {
  const file = path.join(root, '.sbom.prepared.tmp');
  const options = ['cyclonedx', '--quiet', '--format', 'json', '--spec-version', '1.5', '--no-build-deps'];
  const { targets } = JSON.parse(read('package.json')).napi;
  try {
    return unique(
      targets.flatMap((target) => {
        capture('cargo', [...options, '--all', '--target', target, '--override-filename', path.basename(file)]);
        return JSON.parse(readFileSync(`${file}.json`, 'utf8')).components;
      }),
    );
  } finally {
    rmSync(`${file}.json`, { force: true });
  }
}

/**
 * Dependencies of `npm install @kaelio/ktx`. `npm sbom --omit dev` also omits packages that a development dependency
 * shares, so npm reads a lock without development dependencies.
 */
export function npmPackages() {
  const { devDependencies, ...manifest } = JSON.parse(read('package.json'));
  const lock = JSON.parse(read('package-lock.json'));
  const shipped = Object.entries(lock.packages).filter(([, { dev, devOptional }]) => !dev && !devOptional);
  lock.packages = Object.fromEntries(shipped);
  lock.packages[''] = { ...lock.packages[''], devDependencies: undefined };
  const folder = mkdtempSync(path.join(tmpdir(), 'ktx-sbom-'));
  try {
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
    const options = { cwd: folder, shell: process.platform === 'win32' };
    return JSON.parse(capture('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], options))
      .components;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** npm packages that the build of the local page has put into its bundles. */
export function bundledPackages() {
  const names = ['browser', 'node'].flatMap((mode) => JSON.parse(read(`web/dist/packages-${mode}.json`)));
  return [...new Set(names)].map((name) => {
    const { version, license } = JSON.parse(read(`node_modules/${name}/package.json`));
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    return { type: 'library', 'bom-ref': purl, name, version, purl, licenses: [{ license: { id: license } }] };
  });
}

/**
 * Packages of the core of the runtime or of its features, as `{ component, conditional }`. The licence of a conditional
 * package is known only if this Python and platform install it.
 */
export function pythonPackages({ feature = false } = {}) {
  preparePython();
  prepareEmbeddings();
  const [core, ...features] = read('python-runtime/requirements.lock').split('# feature: ');
  // The first line of a section is the name of the feature.
  const requirements = feature ? features.map((section) => section.replace(/^.*\n/, '')).join('') : core;
  pythonLicenceCache ??= pythonLicences();
  return cyclonedxPython('requirements', ['-'], { input: requirements }).map(({ description, ...component }) => {
    const licenses = pythonLicenceCache.get(normalized(component.name));
    const conditional = description.includes(' ; ');
    return { component: { ...component, ...(licenses && { licenses }) }, conditional };
  });
}

/** Licences of the Python packages that are installed for development, by normalized name. */
function pythonLicences() {
  const env = { ...process.env, PYTHONPATH: embeddings };
  const named = cyclonedxPython('environment', [python], { env }).flatMap(({ name, licenses = [] }) => {
    const spdx = licenses.filter(isSpdx);
    return spdx.length > 0 ? [[normalized(name), spdx]] : [];
  });
  const clarified = Object.entries(PYTHON_LICENCES).map(([name, id]) => [name, [{ license: { id } }]]);
  return new Map([...named, ...clarified]);
}

function cyclonedxPython(command, args, options) {
  const format = ['--output-reproducible', '--spec-version', '1.6'];
  return JSON.parse(capture(python, ['-m', 'cyclonedx_py', command, ...format, ...args], options)).components;
}

/** SPDX expression of a component; empty if unknown. */
export function licenceOf({ licenses = [] }) {
  return licenses.map(({ expression, license }) => `(${expression ?? license.id ?? license.name})`).join(' AND ');
}

function isSpdx({ expression, license }) {
  return (expression ?? license?.id) !== undefined;
}

/** Removes duplicates by package URL, and sorts by it. */
function unique(components) {
  const byUrl = new Map(components.map((each) => [each.purl, { ...each, 'bom-ref': each.purl }]));
  return [...byUrl.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
}

function normalized(name) {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function capture(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (result.status !== 0) fail(`${command} ${args[0]} failed: ${result.error?.message ?? result.stderr}`);
  return result.stdout;
}

function read(file) {
  return readFileSync(path.join(root, file), 'utf8');
}
