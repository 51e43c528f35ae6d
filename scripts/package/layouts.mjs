// Ways in which the package comes onto a machine. Each installs it into a folder of its own and gives how to run Node
// and the executable `ktx` there.
import { chmodSync, chownSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { mustRun } from '../lib/place.mjs';
import { tarballsIn } from '../lib/tarball.mjs';
import { addConsumers } from './uses.mjs';

const windows = process.platform === 'win32';
const OTHER_USER = 65534;

/** By name; each takes `{ place, registry, dist, tools }` and gives `{ folder, node?, ktx, options?, undo? }`. */
export const LAYOUTS = {
  async 'npm, from the tarballs'({ place, dist }) {
    const folder = place.project('npm');
    await mustRun('npm', ['install', ...tarballsIn(dist)], { cwd: folder, env: place.env });
    return installed(folder);
  },
  async 'npm, from a registry'({ place, registry }) {
    const folder = place.project('npm-registry', { registry: registry.url });
    await mustRun('npm', ['install', spec(registry)], { cwd: folder, env: place.env });
    return installed(folder);
  },
  async 'npm, read-only'({ place, dist }) {
    const folder = place.project('npm-read-only');
    await mustRun('npm', ['install', ...tarballsIn(dist)], { cwd: folder, env: place.env });
    const made = installed(folder);
    changeModes(folder, 0o555);
    // Only what may be written can be removed.
    return { ...made, options: unprivileged(place), undo: () => changeModes(folder, 0o755) };
  },
  async 'npm, globally'({ place, registry }) {
    const folder = place.project('npm-global');
    const prefix = path.join(folder, 'prefix');
    // A global installation reads no project's settings.
    const options = ['--global', '--prefix', prefix, `--@kaelio:registry=${registry.url}`];
    await mustRun('npm', ['install', ...options, spec(registry)], { cwd: folder, env: place.env });
    return { folder, ktx: [path.join(prefix, windows ? 'ktx.cmd' : 'bin/ktx')] };
  },
  async npx({ place, dist }) {
    const folder = place.project('npx');
    const packages = tarballsIn(dist).map((file) => `--package=${file}`);
    return { folder, ktx: ['npx', '--yes', ...packages, 'ktx'] };
  },
  async pnpm({ place, registry, tools }) {
    const folder = place.project('pnpm', { registry: registry.url });
    const store = path.join(place.folder, 'pnpm store');
    await mustRun(tools.pnpm[0], ['add', spec(registry), '--store-dir', store], { cwd: folder, env: place.env });
    return installed(folder);
  },
  async 'yarn 1'({ place, registry, tools }) {
    const folder = place.project('yarn1', { registry: registry.url });
    const options = [
      '--no-progress',
      '--registry',
      await usualRegistry(place),
      '--cache-folder',
      path.join(place.folder, 'yarn1 cache'),
    ];
    await mustRun(tools.yarn1[0], [tools.yarn1[1], 'add', spec(registry), ...options], { cwd: folder, env: place.env });
    return installed(folder);
  },
  async 'yarn 4, node_modules'(context) {
    const folder = await yarn4(context, 'node-modules');
    return installed(folder);
  },
  async 'yarn 4, plug and play'(context) {
    const folder = await yarn4(context, 'pnp');
    const yarn = context.tools.yarn4;
    addConsumers(folder);
    return { folder, node: [...yarn, 'node'], ktx: [...yarn, 'ktx'] };
  },
};

async function yarn4({ place, registry, tools }, linker) {
  const folder = place.project(`yarn4-${linker}`);
  const settings = {
    nodeLinker: linker,
    npmRegistryServer: await usualRegistry(place),
    npmScopes: { kaelio: { npmRegistryServer: registry.url } },
    unsafeHttpWhitelist: ['127.0.0.1'],
    enableTelemetry: false,
    enableGlobalCache: false,
  };
  // JSON is YAML, too.
  writeFileSync(path.join(folder, '.yarnrc.yml'), JSON.stringify(settings));
  writeFileSync(path.join(folder, 'yarn.lock'), '');
  await mustRun(tools.yarn4[0], [tools.yarn4[1], 'add', spec(registry)], { cwd: folder, env: place.env });
  return folder;
}

function installed(folder) {
  addConsumers(folder);
  const executable = path.join(folder, 'node_modules', '.bin', windows ? 'ktx.cmd' : 'ktx');
  return { folder, node: [process.execPath], ktx: [executable] };
}

function spec(registry) {
  return `@kaelio/ktx@${registry.version}`;
}

async function usualRegistry(place) {
  return (await mustRun('npm', ['config', 'get', 'registry'], { env: place.env })).trim();
}

function changeModes(folder, mode) {
  chmodSync(folder, mode);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodSync(path.join(entry.parentPath ?? entry.path, entry.name), mode);
  }
}

/** Root may write to read-only folders: there, another user runs it. */
function unprivileged(place) {
  if (process.getuid?.() !== 0) return { env: place.env };
  for (const folder of [path.dirname(place.folder), place.folder]) chmodSync(folder, 0o755);
  chownSync(place.env.XDG_DATA_HOME, OTHER_USER, OTHER_USER);
  return {
    uid: OTHER_USER,
    gid: OTHER_USER,
    env: {
      ...place.env,
      HOME: place.env.XDG_DATA_HOME,
      KTX_RUNTIME_ROOT: path.join(place.env.XDG_DATA_HOME, 'runtime'),
    },
  };
}
