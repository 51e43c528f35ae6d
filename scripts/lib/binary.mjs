// Builds the addon for release: the library alone, because a second crate type would weaken the optimiser, and for Linux
// with Zig as compiler of C and linker, which has the symbols of every glibc and musl. So one machine builds for all of
// Linux, and the binary needs no newer glibc than Node itself.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { correctLoader } from './loader.mjs';
import { policyOf } from './policy.mjs';
import { fail, findPython, root, run, venvExecutable } from './steps.mjs';

const REQUIREMENTS = path.join('python-runtime', 'requirements-cross.txt');

const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');

/** The triple of this machine. */
export function hostTriple() {
  const { stdout } = spawnSync('rustc', ['-vV'], { encoding: 'utf8' });
  return /^host: (.+)$/m.exec(stdout ?? '')?.[1] ?? fail('rustc is required. Install Rust from https://rustup.rs');
}

/** Builds `ktx.<platform>.node` and the loader `native.js` into the project's folder; gives the name of the binary. */
export async function buildBinary(triple = hostTriple()) {
  // Not there before npm has installed it.
  const { parseTriple } = await import('@napi-rs/cli');
  const { platform, abi, platformArchABI } = parseTriple(triple);
  const types = path.join(target, 'napi-types', triple);
  mkdirSync(types, { recursive: true });
  // Cargo does not know of that folder: where it is empty, the macros have to write into it again. It compiles again
  // whenever this variable changes, so that the value is kept.
  const written = `${types}.txt`;
  if (readdirSync(types).length === 0 || !existsSync(written)) writeFileSync(written, String(Date.now()));
  const env = { NAPI_TYPE_DEF_TMP_FOLDER: types, NAPI_FORCE_BUILD_KTX: readFileSync(written, 'utf8') };
  // No panic unwinds through C, whose tables are a fiftieth of the binary.
  if (platform !== 'win32') env.CFLAGS = '-fno-asynchronous-unwind-tables -fno-unwind-tables';
  const options = ['rustc', '--locked', '--release', '--lib', '--crate-type', 'cdylib', '--target'];
  if (platform === 'linux') {
    const tools = prepareZig();
    env.PATH = `${path.dirname(tools)}${path.delimiter}${process.env.PATH}`;
    run(tools, [...options, abi === 'gnu' ? `${triple}.${policyOf().glibc}` : triple], { env });
  } else {
    run('cargo', [...options, triple], { env });
  }
  await writeLoader(types);
  const built = { linux: 'libktx.so', darwin: 'libktx.dylib', win32: 'ktx.dll' }[platform];
  const binary = `ktx.${platformArchABI}.node`;
  // Not over the old one: a process that has it loaded would crash.
  rmSync(path.join(root, binary), { force: true });
  cpSync(path.join(target, triple, 'release', built), path.join(root, binary));
  return binary;
}

/** Writes `native.js`, which finds the binary of the platform; the same for all platforms. */
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
  correctLoader();
}

/** Installs Zig and cargo-zigbuild, hash-checked, beside nothing else; gives the path of the latter. */
function prepareZig() {
  const venv = path.join(target, 'zig');
  const done = path.join(venv, 'installed.txt');
  const wanted = readFileSync(path.join(root, REQUIREMENTS), 'utf8');
  if (!existsSync(done) || readFileSync(done, 'utf8') !== wanted) {
    run(findPython(), ['-m', 'venv', '--clear', venv]);
    const python = venvExecutable(venv, 'python');
    run(python, ['-m', 'pip', 'install', '--quiet', '--require-hashes', '-r', path.join(root, REQUIREMENTS)]);
    writeFileSync(done, wanted);
  }
  return venvExecutable(venv, 'cargo-zigbuild');
}
