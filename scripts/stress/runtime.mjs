// Runtime root in a temporary folder, with a fake installer and a fake daemon, and the processes that use it.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { installManagedPythonRuntime, readManagedPythonRuntimeStatus, stopManagedPythonDaemon } from '@kaelio/ktx';
import { root } from '../lib/steps.mjs';

/** Timeout of every condition; reaching it is a failure. */
const TIMEOUT_MS = 60_000;

/** Runtime of one race. */
export class RaceRuntime {
  constructor(cliVersion = '1.2.3') {
    this.folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'ktx races ü '));
    const tools = path.join(this.folder, 'tools');
    mkdirSync(tools);
    for (const name of ['uv', 'daemon']) {
      copyFileSync(
        path.join(root, 'tests', 'fakes', `${name}.py`),
        path.join(tools, name === 'uv' ? 'uv' : 'daemon.py'),
      );
    }
    chmodSync(path.join(tools, 'uv'), 0o755);
    const assetDir = writeAsset(path.join(this.folder, 'asset'));
    const home = path.join(this.folder, 'home');
    const env = { ...process.env, KTX_UV: path.join(tools, 'uv'), XDG_DATA_HOME: home, LOCALAPPDATA: home };
    this.tools = tools;
    this.options = { cliVersion, runtimeRoot: path.join(this.folder, 'root'), assetDir, env };
    this.versionDir = path.join(this.options.runtimeRoot, cliVersion);
    this.setInstallerMode('ok');
  }

  /** Sets the mode of the fake installer. */
  setInstallerMode(mode) {
    writeFileSync(path.join(this.tools, 'mode'), mode);
  }

  /** Sets the mode of the fake daemon. */
  setDaemonMode(mode) {
    mkdirSync(this.versionDir, { recursive: true });
    writeFileSync(path.join(this.versionDir, 'daemon-mode'), mode);
  }

  async install() {
    await installManagedPythonRuntime({ ...this.options, features: ['core'] });
  }

  /** Whether the status is ready and its files exist. */
  async isReady() {
    const { kind, layout } = await readManagedPythonRuntimeStatus(this.options);
    return kind === 'ready' && existsSync(layout.pythonPath) && existsSync(layout.daemonPath);
  }

  /** Process ids of all daemons that have started to serve. */
  spawns() {
    const file = path.join(this.versionDir, 'spawns');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
  }

  /** Running processes of this runtime; only daemons on platforms without `/proc`. */
  running() {
    if (process.platform !== 'linux') return this.spawns().filter(isAlive);
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
    return pids.filter((pid) => environmentOf(pid).includes(this.folder)).map(Number);
  }

  /** Waits until only the expected processes run; returns the others after the timeout. */
  async orphans(expected = []) {
    const others = () => this.running().filter((pid) => !expected.includes(pid));
    await waitUntil(() => others().length === 0);
    return others();
  }

  /** Stops the daemon and removes the folder; kills and returns remaining processes. */
  async close() {
    await stopManagedPythonDaemon(this.options).catch(() => {});
    const remaining = await this.orphans();
    for (const pid of remaining) process.kill(pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
    return remaining;
  }
}

/** Waits for a condition; `false` after the timeout. */
export async function waitUntil(condition) {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function writeAsset(folder) {
  const [file, bytes] = ['x-1-py3-none-any.whl', 'x'];
  mkdirSync(folder);
  writeFileSync(path.join(folder, file), bytes);
  const wheel = { file, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
  const names = { distributionName: 'kaelio-ktx', normalizedName: 'kaelio_ktx', version: '1' };
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify({ schemaVersion: 1, ...names, wheel }));
  return folder;
}
