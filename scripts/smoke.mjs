#!/usr/bin/env node
// Installs the package like a user, in a clean folder, and uses it: install, refuse, answer, daemon, prune. Ends with 1
// at the first thing that is wrong.
//
//     node scripts/smoke.mjs                           what scripts/pack.mjs left in dist
//     node scripts/smoke.mjs --packages FOLDER         what it left elsewhere
//     node scripts/smoke.mjs --published next          what the registry has, by version or dist-tag
//     node scripts/smoke.mjs --local-embeddings        also installs that feature and computes a vector (a large download;
//                                                      the model may lie in KTX_EMBEDDING_MODEL_DIR)
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { expectIn, makePlace, mustRun, tryRun } from './lib/place.mjs';
import { startPackedRegistry } from './lib/registry.mjs';
import { root } from './lib/steps.mjs';

const { values: options } = parseArgs({
  options: {
    packages: { type: 'string', default: path.join(root, 'dist') },
    published: { type: 'string' },
    'local-embeddings': { type: 'boolean', default: false },
  },
});

const place = makePlace();
const registry =
  options.published === undefined ? await startPackedRegistry(path.resolve(options.packages)) : undefined;
const project = place.project('project', { registry: registry?.url });
const installed = path.join(project, 'node_modules', '@kaelio', 'ktx');
const version = () => JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')).version;
const run = (args) =>
  tryRun(process.execPath, [path.join(installed, 'cli', 'dist', 'ktx.js'), ...args], surroundings());
// The model comes from its hub, or from a folder where there is none.
const { KTX_EMBEDDING_MODEL_DIR } = process.env;
const env = KTX_EMBEDDING_MODEL_DIR ? { ...place.env, KTX_EMBEDDING_MODEL_DIR } : place.env;
const surroundings = () => ({ cwd: project, env });

/** Runs `ktx`; gives its standard output, or its standard error where it has to fail. */
async function ktx(args, { fails = false } = {}) {
  const { code, stdout, stderr } = await run(args);
  if (code === (fails ? 1 : 0)) return fails ? stderr : stdout;
  throw new Error(`ktx ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
}

const steps = {
  async 'installs with npm, without scripts'() {
    const wanted = registry ? registry.version : options.published;
    await mustRun('npm', ['install', `@kaelio/ktx@${wanted}`], surroundings());
    const lock = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8'));
    const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    if (scripted.length > 0) throw new Error(`Install scripts in: ${scripted.map(([name]) => name).join(', ')}`);
  },
  async 'says its version'() {
    expectIn(await ktx(['--version']), version());
  },
  async 'has no runtime yet'() {
    const { kind } = JSON.parse(await ktx(['runtime', 'status', '--json']));
    expectIn(kind, 'missing');
  },
  async 'refuses to install one with --no-input, and names the command'() {
    expectIn(await ktx(['setup', 'demo', '--no-input'], { fails: true }), 'ktx runtime install --yes');
    if (existsSync(place.env.KTX_RUNTIME_ROOT)) throw new Error('The refusal left a runtime');
  },
  async 'installs and answers with --yes'() {
    const { answer } = JSON.parse(await ktx(['setup', 'demo', '--yes', '--json']));
    if (answer.result.rows.length !== 3) throw new Error(`Wrong answer: ${JSON.stringify(answer)}`);
  },
  async 'has a healthy runtime'() {
    await ktx(['runtime', 'doctor']);
  },
  async 'starts the daemon, reuses and stops it'() {
    await ktx(['runtime', 'stop']);
    const started = JSON.parse(await ktx(['runtime', 'start', '--json']));
    const again = JSON.parse(await ktx(['runtime', 'start', '--json']));
    const stopped = JSON.parse(await ktx(['runtime', 'stop', '--json']));
    const seen = [started.status, again.status, stopped.status].join(', ');
    if (seen !== 'started, reused, stopped') throw new Error(`The daemon was: ${seen}`);
    if (again.state.pid !== started.state.pid) throw new Error('The daemon was not reused');
  },
  async 'prunes the runtimes of other versions, after a look'() {
    const old = path.join(place.env.KTX_RUNTIME_ROOT, '0.0.1');
    mkdirSync(old);
    expectIn(await ktx(['runtime', 'prune', '--dry-run']), old);
    if (!existsSync(old)) throw new Error('The dry run removed it');
    expectIn(await ktx(['runtime', 'prune', '--yes']), old);
    if (existsSync(old)) throw new Error(`${old} is still there`);
    await ktx(['runtime', 'doctor']);
  },
  ...(options['local-embeddings'] && { 'computes a vector': computeVector }),
};

async function computeVector() {
  const source = `
    const ktx = require('@kaelio/ktx');
    const asked = { cliVersion: ${JSON.stringify(version())}, installPolicy: 'auto', io: process };
    ktx.ensureManagedLocalEmbeddingsDaemon(asked)
      .then(({ baseUrl }) => ktx.postManagedDaemonJson(baseUrl, '/embeddings/compute', { text: 'orders by month' }))
      .then(({ embedding }) => console.log(JSON.stringify(embedding)));`;
  const vector = JSON.parse(await mustRun(process.execPath, ['--eval', source], surroundings()));
  if (vector.length !== 384) throw new Error(`The vector has ${vector.length} numbers, not 384`);
}

let done = 0;
try {
  for (const [name, step] of Object.entries(steps)) {
    await step();
    done += 1;
    console.log(`ok  ${name}`);
  }
} catch (error) {
  console.error(`not ok  ${Object.keys(steps)[done]}\n${error.message}`);
  process.exitCode = 1;
} finally {
  if (existsSync(installed)) await run(['runtime', 'stop', '--all']);
  await registry?.close();
  place.remove();
}
