// Ways to install the package. Each installs it into a separate folder, and returns the commands of Node and `ktx` there.
import { chmodSync, chownSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { mustRun } from '../lib/sandbox.mjs';
import { tarballsIn } from '../lib/tarball.mjs';
import { addConsumers } from './uses.mjs';

const windows = process.platform === 'win32';
const OTHER_USER = 65534;

/** By name; each takes `{ sandbox, registry, dist, tools }` and returns `{ folder, node?, ktx, options?, undo? }`. */
export const LAYOUTS = {
  async 'npm, from the tarballs'({ sandbox, dist }) {
    const folder = sandbox.project('npm');
    await mustRun('npm', ['install', ...tarballsIn(dist)], { cwd: folder, env: sandbox.env });
    return localLayout(folder);
  },
  async 'npm, from a registry'({ sandbox, registry }) {
    const folder = sandbox.project('npm-registry', { registry: registry.url });
    await mustRun('npm', ['install', packageSpec(registry)], { cwd: folder, env: sandbox.env });
    return localLayout(folder);
  },
  async 'npm, read-only'({ sandbox, dist }) {
    const folder = sandbox.project('npm-read-only');
    await mustRun('npm', ['install', ...tarballsIn(dist)], { cwd: folder, env: sandbox.env });
    const layout = localLayout(folder);
    changeModes(folder, 0o555);
    // Read-only folders cannot be removed, hence `undo`.
    return { ...layout, options: unprivileged(sandbox), undo: () => changeModes(folder, 0o755) };
  },
  async 'npm, globally'({ sandbox, registry }) {
    const folder = sandbox.project('npm-global');
    const prefix = path.join(folder, 'prefix');
    // A global installation does not read the .npmrc of a project.
    const options = ['--global', '--prefix', prefix, `--@kaelio:registry=${registry.url}`];
    await mustRun('npm', ['install', ...options, packageSpec(registry)], { cwd: folder, env: sandbox.env });
    return { folder, ktx: [path.join(prefix, windows ? 'ktx.cmd' : 'bin/ktx')] };
  },
  async npx({ sandbox, dist }) {
    const folder = sandbox.project('npx');
    const packages = tarballsIn(dist).map((file) => `--package=${file}`);
    return { folder, ktx: ['npx', '--yes', ...packages, 'ktx'] };
  },
  async pnpm({ sandbox, registry, tools }) {
    const folder = sandbox.project('pnpm', { registry: registry.url });
    const store = path.join(sandbox.folder, 'pnpm store');
    await mustRun(tools.pnpm[0], ['add', packageSpec(registry), '--store-dir', store], {
      cwd: folder,
      env: sandbox.env,
    });
    return localLayout(folder);
  },
  async 'yarn 1'({ sandbox, registry, tools }) {
    const folder = sandbox.project('yarn1', { registry: registry.url });
    const options = [
      '--no-progress',
      '--registry',
      await defaultRegistry(sandbox),
      '--cache-folder',
      path.join(sandbox.folder, 'yarn1 cache'),
    ];
    await mustRun(tools.yarn1[0], [tools.yarn1[1], 'add', packageSpec(registry), ...options], {
      cwd: folder,
      env: sandbox.env,
    });
    return localLayout(folder);
  },
  async 'yarn 4, node_modules'(context) {
    const folder = await yarn4(context, 'node-modules');
    return localLayout(folder);
  },
  async 'yarn 4, plug and play'(context) {
    const folder = await yarn4(context, 'pnp');
    const yarn = context.tools.yarn4;
    addConsumers(folder);
    return { folder, node: [...yarn, 'node'], ktx: [...yarn, 'ktx'] };
  },
};

async function yarn4({ sandbox, registry, tools }, linker) {
  const folder = sandbox.project(`yarn4-${linker}`);
  const settings = {
    nodeLinker: linker,
    npmRegistryServer: await defaultRegistry(sandbox),
    npmScopes: { kaelio: { npmRegistryServer: registry.url } },
    unsafeHttpWhitelist: ['127.0.0.1'],
    enableTelemetry: false,
    enableGlobalCache: false,
  };
  // JSON is valid YAML.
  writeFileSync(path.join(folder, '.yarnrc.yml'), JSON.stringify(settings));
  writeFileSync(path.join(folder, 'yarn.lock'), '');
  await mustRun(tools.yarn4[0], [tools.yarn4[1], 'add', packageSpec(registry)], { cwd: folder, env: sandbox.env });
  return folder;
}

function localLayout(folder) {
  addConsumers(folder);
  const executable = path.join(folder, 'node_modules', '.bin', windows ? 'ktx.cmd' : 'ktx');
  return { folder, node: [process.execPath], ktx: [executable] };
}

function packageSpec(registry) {
  return `@kaelio/ktx@${registry.version}`;
}

async function defaultRegistry(sandbox) {
  return (await mustRun('npm', ['config', 'get', 'registry'], { env: sandbox.env })).trim();
}

function changeModes(folder, mode) {
  chmodSync(folder, mode);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodSync(path.join(entry.parentPath ?? entry.path, entry.name), mode);
  }
}

/** Options to run as another user than root, who may write to read-only folders. */
function unprivileged(sandbox) {
  if (process.getuid?.() !== 0) return { env: sandbox.env };
  for (const folder of [path.dirname(sandbox.folder), sandbox.folder]) chmodSync(folder, 0o755);
  chownSync(sandbox.env.XDG_DATA_HOME, OTHER_USER, OTHER_USER);
  return {
    uid: OTHER_USER,
    gid: OTHER_USER,
    env: {
      ...sandbox.env,
      HOME: sandbox.env.XDG_DATA_HOME,
      KTX_RUNTIME_ROOT: path.join(sandbox.env.XDG_DATA_HOME, 'runtime'),
    },
  };
}
