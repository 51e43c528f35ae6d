#!/usr/bin/env node
// Builds the other Linux platforms on a Debian machine of x64, and uses each package with a Node of that platform: under
// QEMU for arm64, with musl's own loader for musl. Everything comes from package registries.
//
//     node scripts/cross.mjs                    all three
//     node scripts/cross.mjs linux-arm64-gnu    one
//     node scripts/cross.mjs --no-build         what was built and packed before
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { expectIn, makePlace, mustRun } from './lib/place.mjs';
import { fail, root, run } from './lib/steps.mjs';
import { tarballsIn } from './lib/tarball.mjs';
import { EMULATED, prepareEmulator } from './package/emulators.mjs';
import { addConsumers, use } from './package/uses.mjs';

const { values: options, positionals } = parseArgs({
  options: { 'no-build': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const wanted = positionals.length > 0 ? positionals : Object.keys(EMULATED);
const unknown = wanted.find((name) => !(name in EMULATED));
if (unknown) fail(`${unknown} is none of ${Object.keys(EMULATED).join(', ')}`);
if (`${process.platform}-${process.arch}` !== 'linux-x64') fail('This runs on Linux of x64 only');

for (const platform of wanted) {
  const { triple } = EMULATED[platform];
  const dist = path.join(root, 'target', 'cross', platform);
  if (!options['no-build']) {
    run('rustup', ['target', 'add', triple]);
    run(process.execPath, ['scripts/pack.mjs', '--release', '--target', triple, '--output', dist]);
  }
  await tryPackage(platform, dist);
  console.log(`\nok  ${platform}`);
}

async function tryPackage(platform, dist) {
  const emulator = prepareEmulator(platform);
  const place = makePlace();
  try {
    const folder = place.project('consumer');
    const [, cpu, libc] = /^linux-(\w+)-(\w+)$/.exec(platform);
    const as = ['--os=linux', `--cpu=${cpu}`, `--libc=${libc === 'gnu' ? 'glibc' : libc}`];
    // What is named itself has to be forced: these words choose among optional dependencies only.
    await mustRun('npm', ['install', '--force', ...as, ...tarballsIn(dist)], { cwd: folder, env: place.env });
    addConsumers(folder);
    // Which C library there is, the loader asks of the machine, which has another one than this Node.
    const binary = path.join(folder, 'node_modules', '@kaelio', `ktx-${platform}`, `ktx.${platform}.node`);
    const env = { ...place.env, NAPI_RS_NATIVE_LIBRARY_PATH: binary };
    await use(folder, emulator, { env });
    const [node, ...first] = emulator;
    const ktx = [...first, path.join('node_modules', '@kaelio', 'ktx', 'cli', 'dist', 'ktx.js')];
    expectIn(await mustRun(node, [...ktx, 'runtime', 'status', '--json'], { cwd: folder, env }), '"kind": "missing"');
  } finally {
    place.remove();
  }
}
