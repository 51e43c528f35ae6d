// Builds the addon for release. Only the library, as a second crate type would prevent optimisations. On Linux Zig is the
// C compiler and linker: it has the symbols of every glibc and musl, so that one machine builds all Linux targets, and the
// binary needs no newer glibc than Node itself.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { patchLoader } from './loader.mjs';
import { readPolicy } from './policy.mjs';
import { fail, findPython, root, run, venvExecutable } from './steps.mjs';

const REQUIREMENTS = path.join('python-runtime', 'requirements-cross.txt');

const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');

/** Target triple of this machine. */
export function hostTriple() {
  const { stdout } = spawnSync('rustc', ['-vV'], { encoding: 'utf8' });
  return /^host: (.+)$/m.exec(stdout ?? '')?.[1] ?? fail('rustc is required. Install Rust from https://rustup.rs');
}

/** Builds `ktx.<platform>.node` and the loader `native.js` into the folder of the project; returns the name of the binary. */
export async function buildBinary(triple = hostTriple()) {
  // Imported here, as it is installed by the build.
  const { parseTriple } = await import('@napi-rs/cli');
  const { platform, abi, platformArchABI } = parseTriple(triple);
  const types = path.join(target, 'napi-types', triple);
  mkdirSync(types, { recursive: true });
  // Cargo does not track that folder: if it is empty, a new value of this variable forces a recompilation, in which the
  // macros write into it.
  const forceFile = `${types}.txt`;
  if (readdirSync(types).length === 0 || !existsSync(forceFile)) writeFileSync(forceFile, String(Date.now()));
  const env = { NAPI_TYPE_DEF_TMP_FOLDER: types, NAPI_FORCE_BUILD_KTX: readFileSync(forceFile, 'utf8') };
  // Panics do not unwind through C code, whose unwind tables are 2 % of the binary.
  if (platform !== 'win32') env.CFLAGS = '-fno-asynchronous-unwind-tables -fno-unwind-tables';
  const options = ['rustc', '--locked', '--release', '--lib', '--crate-type', 'cdylib', '--target'];
  if (platform === 'linux') {
    const zigbuild = prepareZig();
    env.PATH = `${path.dirname(zigbuild)}${path.delimiter}${process.env.PATH}`;
    run(zigbuild, [...options, abi === 'gnu' ? `${triple}.${readPolicy().glibc}` : triple], { env });
  } else {
    run('cargo', [...options, triple], { env });
  }
  await writeLoader(types);
  const built = { linux: 'libktx.so', darwin: 'libktx.dylib', win32: 'ktx.dll' }[platform];
  const binary = `ktx.${platformArchABI}.node`;
  // Removed first: overwriting it would crash a process that has loaded it.
  rmSync(path.join(root, binary), { force: true });
  cpSync(path.join(target, triple, 'release', built), path.join(root, binary));
  return binary;
}

/** Writes `native.js`, which loads the binary of the platform; equal for all platforms. */
async function writeLoader(typeDefDir) {
  const { generateTypeDef, writeJsBinding } = await import('@napi-rs/cli');
  const { name, version, napi } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { exports: idents } = await generateTypeDef({ typeDefDir, cwd: root, constEnum: napi.constEnum });
  const { binaryName } = napi;
  await writeJsBinding({
    platform: true,
    idents,
    jsBinding: 'native.js',
    binaryName,
    packageName: name,
    version,
    outputDir: root,
  });
  patchLoader();
}

/** Installs Zig and cargo-zigbuild with hash checks into a virtual environment; returns the path of cargo-zigbuild. */
function prepareZig() {
  const venv = path.join(target, 'zig');
  const marker = path.join(venv, 'installed.txt');
  const requirements = readFileSync(path.join(root, REQUIREMENTS), 'utf8');
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== requirements) {
    run(findPython(), ['-m', 'venv', '--clear', venv]);
    const python = venvExecutable(venv, 'python');
    run(python, ['-m', 'pip', 'install', '--quiet', '--require-hashes', '-r', path.join(root, REQUIREMENTS)]);
    writeFileSync(marker, requirements);
  }
  return venvExecutable(venv, 'cargo-zigbuild');
}
