#!/usr/bin/env node
// Smoke test: installs the package like a user in a sandbox, then runs setup, query, daemon and prune. Exits with 1 at the
// first failure.
//
//     node scripts/smoke.mjs                           packages of scripts/pack.mjs in dist
//     node scripts/smoke.mjs --packages FOLDER         packages in another folder
//     node scripts/smoke.mjs --published next          packages of the registry, by version or dist-tag
//     node scripts/smoke.mjs --node-alone              with Node alone in PATH, as on a machine without uv and Python (Linux)
//     node scripts/smoke.mjs --local-embeddings        also installs that feature and computes an embedding (a large download;
//                                                      the model may be in KTX_EMBEDDING_MODEL_DIR)
//     node scripts/smoke.mjs --page FOLDER             keeps the local page of the demo, which is written as static files
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { startNodeAlone } from './lib/node-alone.mjs';
import { startPackedRegistry } from './lib/registry.mjs';
import { assertIncludes, createSandbox, mustRun, tryRun } from './lib/sandbox.mjs';
import { root } from './lib/steps.mjs';

const { values: options } = parseArgs({
  options: {
    packages: { type: 'string', default: path.join(root, 'dist') },
    published: { type: 'string' },
    'node-alone': { type: 'boolean', default: false },
    'local-embeddings': { type: 'boolean', default: false },
    page: { type: 'string' },
  },
});

const sandbox = createSandbox();
const registry =
  options.published === undefined ? await startPackedRegistry(path.resolve(options.packages)) : undefined;
const project = sandbox.project('project', { registry: registry?.url });
const installed = path.join(project, 'node_modules', '@kaelio', 'ktx');
const version = () => JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')).version;
const run = (args) =>
  tryRun(process.execPath, [path.join(installed, 'cli', 'dist', 'ktx.js'), ...args], processOptions());
// The model is downloaded from its hub, or read from a folder.
const { KTX_EMBEDDING_MODEL_DIR } = process.env;
const machine = options['node-alone'] ? await startNodeAlone(sandbox.folder) : undefined;
const env = { ...sandbox.env, ...(KTX_EMBEDDING_MODEL_DIR && { KTX_EMBEDDING_MODEL_DIR }), ...machine?.env };
const processOptions = () => ({ cwd: project, env });

/** Runs `ktx`; returns its standard output, or its standard error if it is expected to fail. */
async function ktx(args, { fails = false } = {}) {
  const { code, stdout, stderr } = await run(args);
  if (code === (fails ? 1 : 0)) return fails ? stderr : stdout;
  throw new Error(`ktx ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
}

const steps = {
  async 'installs with npm, without scripts'() {
    const requested = registry ? registry.version : options.published;
    await mustRun('npm', ['install', `@kaelio/ktx@${requested}`], processOptions());
    const lock = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8'));
    const withScripts = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
    if (withScripts.length > 0) throw new Error(`Install scripts in: ${withScripts.map(([name]) => name).join(', ')}`);
  },
  async 'prints its version'() {
    assertIncludes(await ktx(['--version']), version());
  },
  async 'has no runtime yet'() {
    const { kind } = JSON.parse(await ktx(['runtime', 'status', '--json']));
    assertIncludes(kind, 'missing');
  },
  async 'does not install one with --no-input, and prints the command'() {
    assertIncludes(await ktx(['setup', 'demo', '--no-input'], { fails: true }), 'ktx runtime install --yes');
    if (existsSync(sandbox.env.KTX_RUNTIME_ROOT)) throw new Error('A runtime was created with --no-input');
  },
  async 'installs the runtime and runs a query with --yes'() {
    const { answer } = JSON.parse(await ktx(['setup', 'demo', '--yes', '--json']));
    if (answer.result.rows.length !== 3) throw new Error(`Unexpected result: ${JSON.stringify(answer)}`);
  },
  async 'writes the page of the demo, and opens it on a server'() {
    const demo = ['--project-dir', path.join(project, 'ktx-demo')];
    const page = path.resolve(options.page ?? path.join(project, 'page'));
    const { entry } = JSON.parse(await ktx(['docs', 'build', page, '--json', ...demo]));
    assertIncludes(readFileSync(entry, 'utf8'), 'warehouse');
    const { url } = JSON.parse(await ktx(['open', '--json', ...demo]));
    const status = await statusOf(url);
    await ktx(['mcp', 'stop', ...demo]);
    if (status !== 401) throw new Error(`${status} without a session, not 401`);
  },
  ...(machine && {
    async 'has a uv and a Python of its own'() {
      const tools = path.join(sandbox.env.KTX_RUNTIME_ROOT, 'tools');
      for (const name of ['uv', 'python']) {
        if (!existsSync(path.join(tools, name))) throw new Error(`There is no ${name} in ${tools}`);
      }
    },
  }),
  async 'has a healthy runtime'() {
    await ktx(['runtime', 'doctor']);
  },
  async 'starts the daemon, reuses and stops it'() {
    await ktx(['runtime', 'stop']);
    const started = JSON.parse(await ktx(['runtime', 'start', '--json']));
    const reused = JSON.parse(await ktx(['runtime', 'start', '--json']));
    const stopped = JSON.parse(await ktx(['runtime', 'stop', '--json']));
    const statuses = [started.status, reused.status, stopped.status].join(', ');
    if (statuses !== 'started, reused, stopped') throw new Error(`Unexpected statuses of the daemon: ${statuses}`);
    if (reused.state.pid !== started.state.pid) throw new Error('The daemon was not reused');
  },
  async 'prunes the runtimes of other versions, after a dry run'() {
    const old = path.join(sandbox.env.KTX_RUNTIME_ROOT, '0.0.1');
    mkdirSync(old);
    assertIncludes(await ktx(['runtime', 'prune', '--dry-run']), old);
    if (!existsSync(old)) throw new Error('The dry run removed it');
    assertIncludes(await ktx(['runtime', 'prune', '--yes']), old);
    if (existsSync(old)) throw new Error(`${old} still exists`);
    await ktx(['runtime', 'doctor']);
  },
  ...(options['local-embeddings'] && { 'computes an embedding': computeEmbedding }),
};

/** Status of the answer of a page, whose host below `.localhost` browsers find by themselves, and Node may not. */
function statusOf(url) {
  const lookup = (_name, { all }, found) => {
    const address = { address: '127.0.0.1', family: 4 };
    return all ? found(null, [address]) : found(null, address.address, address.family);
  };
  return new Promise((resolve, reject) => {
    get(url, { lookup }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
}

async function computeEmbedding() {
  const source = `
    const ktx = require('@kaelio/ktx');
    const options = { cliVersion: ${JSON.stringify(version())}, installPolicy: 'auto', io: process };
    ktx.ensureManagedLocalEmbeddingsDaemon(options)
      .then(({ baseUrl }) => ktx.postManagedDaemonJson(baseUrl, '/embeddings/compute', { text: 'orders by month' }))
      .then(({ embedding }) => console.log(JSON.stringify(embedding)));`;
  const embedding = JSON.parse(await mustRun(process.execPath, ['--eval', source], processOptions()));
  if (embedding.length !== 384) throw new Error(`The embedding has ${embedding.length} numbers, not 384`);
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
  await machine?.close();
  sandbox.remove();
}
