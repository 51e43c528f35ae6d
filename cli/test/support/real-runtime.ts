/** Once a test run: the command line is built, and the runtime installed from the bundled wheel into a folder of its own. */

import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packageDir = join(import.meta.dirname, '..', '..', '..');
const ktx = join(packageDir, 'cli', 'dist', 'ktx.js');

/** Prepares; what it returns takes all of it away again. */
export default async function setup(): Promise<() => Promise<void>> {
  await run(process.execPath, [
    join(packageDir, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    join(packageDir, 'cli'),
  ]);
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ktx runtime ü ')));
  // The test processes are started after this, and inherit it.
  process.env.KTX_RUNTIME_ROOT = root;
  // Daemons of this user are recorded in the home folder; these tests stop all of them.
  process.env.XDG_DATA_HOME = join(root, 'home');
  process.env.LOCALAPPDATA = join(root, 'home');
  process.env.XDG_CONFIG_HOME = join(root, 'home', 'config');
  process.env.APPDATA = join(root, 'home', 'config');
  // Their projects are written by hand; what is asked of such ones, trust.test.ts tests.
  process.env.KTX_TRUST = '1';
  if (process.platform === 'darwin') process.env.HOME = join(root, 'home');
  const tearDown = async () => {
    await run(process.execPath, [ktx, 'runtime', 'stop', '--all']);
    await rm(root, { recursive: true, force: true });
  };
  try {
    await run(process.execPath, [ktx, 'runtime', 'install', '--yes']);
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
  return tearDown;
}
