// What a consumer does with the installed package. Each throws when something is wrong.
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { expectIn, mustRun, tryRun } from '../lib/place.mjs';
import { root } from '../lib/steps.mjs';

const CONSUMERS = ['use.cjs', 'use.mjs'];
const TYPES = path.join(root, '__test__', 'types');

/** Calls it from CommonJS, ES modules and a worker thread. */
export async function use(folder, [node, ...first], options) {
  for (const name of CONSUMERS) expectIn(await mustRun(node, [...first, name], { cwd: folder, ...options }), 'used');
}

/** Puts the consumers beside an installed package. */
export function addConsumers(folder) {
  for (const name of CONSUMERS) copyFileSync(path.join(import.meta.dirname, 'consumer', name), path.join(folder, name));
}

/** Runs the executable; `runtime status` needs the addon. */
export async function useExecutable(folder, [ktx, ...first], options) {
  const status = await mustRun(ktx, [...first, 'runtime', 'status', '--json'], { cwd: folder, ...options });
  expectIn(status, '"kind": "missing"');
}

/** Compiles the consumers of the type tests against what is installed. */
export async function compile(folder, resolution, env) {
  const consumers =
    resolution === 'node16'
      ? ['consumer.mts', 'consumer.cts', 'cli-consumer.mts']
      : ['consumer.mts', 'cli-consumer.mts'];
  for (const name of [...consumers, 'tsconfig.json']) copyFileSync(path.join(TYPES, name), path.join(folder, name));
  const module = resolution === 'node16' ? 'node16' : 'esnext';
  const compilerOptions = {
    module,
    moduleResolution: resolution,
    typeRoots: [path.join(root, 'node_modules', '@types')],
  };
  const project = path.join(folder, `tsconfig.${resolution}.json`);
  writeFileSync(project, JSON.stringify({ extends: './tsconfig.json', compilerOptions, include: consumers }));
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await mustRun(process.execPath, [tsc, '-p', project], { cwd: folder, env });
}

/** Bundles a consumer with the package left out, and runs the bundle. */
export async function bundle(folder, [esbuild, ...first], env) {
  const options = ['--bundle', '--platform=node', '--external:@kaelio/ktx', '--outfile=bundle.cjs'];
  await mustRun(esbuild, [...first, 'use.cjs', ...options], { cwd: folder, env });
  expectIn(await mustRun(process.execPath, ['bundle.cjs'], { cwd: folder, env }), 'used');
}

/** Without its binary the package says which one is missing. */
export async function failWithoutBinary(folder, env) {
  const ktx = path.join(folder, 'node_modules', '@kaelio', 'ktx', 'cli', 'dist', 'ktx.js');
  const { code, stderr } = await tryRun(process.execPath, [ktx, 'runtime', 'status'], { cwd: folder, env });
  expectIn(
    `${code} ${stderr}`,
    `1 Error: The binary of @kaelio/ktx for ${process.platform}-${process.arch} is not installed`,
  );
  expectIn(stderr, 'npm install --include=optional @kaelio/ktx');
}
