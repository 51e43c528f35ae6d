// Installation time and size of the core runtime compared with the reference packages, with the same installer.
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { findPython, root, venvExecutable } from '../../scripts/lib/steps.mjs';
import { runRotated } from '../lib/measure.mjs';
import { timeProcess } from '../lib/processes.mjs';
import { requirementsFile } from '../lib/reference.mjs';
import { atMost } from '../lib/target.mjs';

const INSTALL = `
const { installManagedPythonRuntime } = require('@kaelio/ktx');
installManagedPythonRuntime({ ...JSON.parse(process.argv[1]), features: ['core'] });
`;

/** Rows of this module. */
export const rows = [
  row('install of core, cold cache', 's', (state, run) =>
    install(state, run, () => mkdtempSync(`${state.folder}/cache-`)),
  ),
  row('install of core, warm cache', 's', (state, run) => install(state, run, () => path.join(state.folder, 'cache'))),
  {
    ...row('size of the environment', 'MB', ({ ours, reference }) => ({
      core: size(ours),
      'reference set': size(reference),
    })),
    compare: [{ ours: 'core', against: 'reference set', target: atMost(1 / 3) }],
  },
];

function row(name, unit, measure) {
  return {
    name,
    unit,
    async setUp(ctx) {
      const folder = mkdtempSync(path.join(ctx.folder, 'install-'));
      const state = { folder, ctx, ours: path.join(folder, 'ours'), reference: path.join(folder, 'reference') };
      await install(state, 0, () => path.join(folder, 'cache'));
      return state;
    },
    measure: (state, _, run) => measure(state, run),
    tearDown: ({ folder }) => rmSync(folder, { recursive: true, force: true }),
    compare: [{ ours: 'core', against: 'reference set', target: atMost(0.5) }],
  };
}

/** Reinstalls both, with the cache folder of pip and uv that `cache` returns. */
function install({ ours, reference, ctx }, run, cache) {
  const job = async (folder, installer) => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const cacheFolder = cache();
    const ms = await installer(folder, {
      XDG_CACHE_HOME: cacheFolder,
      LOCALAPPDATA: cacheFolder,
      UV_CACHE_DIR: cacheFolder,
    });
    return ms / 1000;
  };
  return runRotated(
    {
      core: () =>
        job(ours, (runtimeRoot, env) => {
          const options = JSON.stringify({ ...ctx.options, runtimeRoot });
          return timeProcess(process.execPath, ['-e', INSTALL, options], { cwd: root, env });
        }),
      'reference set': () => job(reference, installReference),
    },
    run,
  );
}

/** Installs with uv if it is on PATH, else with pip, like the addon. */
async function installReference(folder, env) {
  if (hasUv()) {
    const venvTime = await timeProcess('uv', ['venv', '--quiet', folder], { env });
    const python = venvExecutable(folder, 'python');
    return (
      venvTime +
      (await timeProcess('uv', ['pip', 'install', '--quiet', '--python', python, '-r', requirementsFile], { env }))
    );
  }
  const venvTime = await timeProcess(findPython(), ['-m', 'venv', folder], { env });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile];
  return venvTime + (await timeProcess(venvExecutable(folder, 'python'), pip, { env }));
}

function hasUv() {
  const name = process.platform === 'win32' ? 'uv.exe' : 'uv';
  return (process.env.PATH ?? '').split(path.delimiter).some((dir) => existsSync(path.join(dir, name)));
}

/** Megabytes of all files below a folder; counts each inode once and does not follow links. */
function size(folder, counted = new Set()) {
  const sizes = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return size(file, counted);
    const { ino, size: bytes } = lstatSync(file);
    if (!entry.isFile() || counted.has(ino)) return 0;
    counted.add(ino);
    return bytes / 1e6;
  });
  return sizes.reduce((sum, megabytes) => sum + megabytes, 0);
}
