/** Global setup: builds the command line, and installs the runtime from the bundled wheel into an isolated folder. */

import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const packageDir = join(import.meta.dirname, '..', '..', '..');
const ktx = join(packageDir, 'cli', 'dist', 'ktx.js');

/** Sets up the runtime; the returned function removes it. */
export default async function setup(): Promise<() => Promise<void>> {
  await run(process.execPath, [
    join(packageDir, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    join(packageDir, 'cli'),
  ]);
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ktx runtime ü ')));
  // Test processes inherit these variables.
  process.env.KTX_RUNTIME_ROOT = root;
  // An isolated home: daemons of the user are recorded there, and these tests stop all of them.
  process.env.XDG_DATA_HOME = join(root, 'home');
  process.env.LOCALAPPDATA = join(root, 'home');
  process.env.XDG_CONFIG_HOME = join(root, 'home', 'config');
  process.env.APPDATA = join(root, 'home', 'config');
  // Projects of the tests are not created by `ktx init`; trust.test.ts tests the trust prompt.
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
