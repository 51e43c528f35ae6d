#!/usr/bin/env node
// Cross-compiles the other Linux platforms on Debian x64, and tests each package with Node of that platform: under QEMU
// for arm64, with the musl loader for musl. All tools come from package registries.
//
//     node scripts/cross.mjs                    all three
//     node scripts/cross.mjs linux-arm64-gnu    one
//     node scripts/cross.mjs --no-build         test existing packages
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { assertIncludes, createSandbox, mustRun } from './lib/sandbox.mjs';
import { fail, root, run } from './lib/steps.mjs';
import { tarballsIn } from './lib/tarball.mjs';
import { EMULATED, prepareEmulator } from './package/emulators.mjs';
import { addConsumers, use } from './package/uses.mjs';

const { values: options, positionals } = parseArgs({
  options: { 'no-build': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const platforms = positionals.length > 0 ? positionals : Object.keys(EMULATED);
const unknown = platforms.find((name) => !(name in EMULATED));
if (unknown) fail(`${unknown} is not one of ${Object.keys(EMULATED).join(', ')}`);
if (`${process.platform}-${process.arch}` !== 'linux-x64') fail('This runs on Linux of x64 only');

for (const platform of platforms) {
  const { triple } = EMULATED[platform];
  const dist = path.join(root, 'target', 'cross', platform);
  if (!options['no-build']) {
    run('rustup', ['target', 'add', triple]);
    run(process.execPath, ['scripts/pack.mjs', '--release', '--target', triple, '--output', dist]);
  }
  await testPackage(platform, dist);
  console.log(`\nok  ${platform}`);
}

async function testPackage(platform, dist) {
  const emulator = prepareEmulator(platform);
  const sandbox = createSandbox();
  try {
    const folder = sandbox.project('consumer');
    const [, cpu, libc] = /^linux-(\w+)-(\w+)$/.exec(platform);
    const platformFlags = ['--os=linux', `--cpu=${cpu}`, `--libc=${libc === 'gnu' ? 'glibc' : libc}`];
    // `--force`: the flags select optional dependencies only, not packages that are named themselves.
    await mustRun('npm', ['install', '--force', ...platformFlags, ...tarballsIn(dist)], {
      cwd: folder,
      env: sandbox.env,
    });
    addConsumers(folder);
    // The loader detects the C library of the machine, which differs from that of this Node.
    const binary = path.join(folder, 'node_modules', '@kaelio', `ktx-${platform}`, `ktx.${platform}.node`);
    const env = { ...sandbox.env, NAPI_RS_NATIVE_LIBRARY_PATH: binary };
    await use(folder, emulator, { env });
    const [node, ...args] = emulator;
    const ktx = [...args, path.join('node_modules', '@kaelio', 'ktx', 'cli', 'dist', 'ktx.js')];
    assertIncludes(
      await mustRun(node, [...ktx, 'runtime', 'status', '--json'], { cwd: folder, env }),
      '"kind": "missing"',
    );
  } finally {
    sandbox.remove();
  }
}
