// Tests of an installed package as a consumer. Each throws if it fails.
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { assertIncludes, mustRun, tryRun } from '../lib/sandbox.mjs';
import { root } from '../lib/steps.mjs';

const CONSUMERS = ['use.cjs', 'use.mjs'];
const TYPES = path.join(root, '__test__', 'types');

/** Calls the package from CommonJS, ES modules and a worker thread. */
export async function use(folder, [node, ...first], options) {
  for (const name of CONSUMERS)
    assertIncludes(await mustRun(node, [...first, name], { cwd: folder, ...options }), 'done');
}

/** Copies the consumers into the folder of an installed package. */
export function addConsumers(folder) {
  for (const name of CONSUMERS) copyFileSync(path.join(import.meta.dirname, 'consumer', name), path.join(folder, name));
}

/** Runs the executable; `runtime status` needs the addon. */
export async function useExecutable(folder, [ktx, ...first], options) {
  const status = await mustRun(ktx, [...first, 'runtime', 'status', '--json'], { cwd: folder, ...options });
  assertIncludes(status, '"kind": "missing"');
}

/** Compiles the consumers of the type tests against the installed package. */
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

/** Bundles a consumer with the package as external, and runs the bundle. */
export async function bundle(folder, [esbuild, ...first], env) {
  const options = ['--bundle', '--platform=node', '--external:@kaelio/ktx', '--outfile=bundle.cjs'];
  await mustRun(esbuild, [...first, 'use.cjs', ...options], { cwd: folder, env });
  assertIncludes(await mustRun(process.execPath, ['bundle.cjs'], { cwd: folder, env }), 'done');
}

/** Checks the error of a package whose binary is not installed. */
export async function failWithoutBinary(folder, env) {
  const ktx = path.join(folder, 'node_modules', '@kaelio', 'ktx', 'cli', 'dist', 'ktx.js');
  const { code, stderr } = await tryRun(process.execPath, [ktx, 'runtime', 'status'], { cwd: folder, env });
  assertIncludes(
    `${code} ${stderr}`,
    `1 Error: The binary of @kaelio/ktx for ${process.platform}-${process.arch} is not installed`,
  );
  assertIncludes(stderr, 'npm install --include=optional @kaelio/ktx');
}
