// What rows share: a runtime that is installed once, its daemon, the reference, and the way back from all of it.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/lib/steps.mjs';
import { referencePython, startReferenceDaemon } from './reference.mjs';

// Not imported: it is built by the very process that measures it.
const load = createRequire(import.meta.url);

/** One measurement's surroundings; nothing of it touches the user's own runtime. */
export class Context {
  #closers = [];
  #made = new Map();

  constructor() {
    /** A temporary folder. */
    this.folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'ktx-bench-'));
    this.onClose(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 }));
    const cliVersion = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
    /** Options of the layout, for every call of the addon. Other processes find the same root in their environment. */
    this.options = { cliVersion, runtimeRoot: path.join(this.folder, 'runtime') };
    const home = path.join(this.folder, 'home');
    mkdirSync(home);
    Object.assign(process.env, { KTX_RUNTIME_ROOT: this.options.runtimeRoot, XDG_DATA_HOME: home, LOCALAPPDATA: home });
    if (process.platform === 'darwin') process.env.HOME = home;
  }

  /** The addon, as it was built. */
  get addon() {
    return load('@kaelio/ktx');
  }

  /** Does something at the end; what was asked for last is done first. */
  onClose(closer) {
    this.#closers.push(closer);
  }

  /** Makes something once for all rows. */
  once(name, make) {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name);
  }

  /** The core runtime, installed: the result of the installation. */
  runtime() {
    return this.once('runtime', () => this.addon.installManagedPythonRuntime({ ...this.options, features: ['core'] }));
  }

  /** The running daemon: `{ baseUrl, pid, token }`. It is started if there is none. */
  async daemon() {
    await this.runtime();
    this.once('daemon stopped at the end', () => this.onClose(() => this.stopDaemon()));
    const started = await this.addon.startManagedPythonDaemon({ ...this.options, features: ['core'] });
    const { token } = JSON.parse(readFileSync(started.layout.daemonStatePath, 'utf8'));
    return { baseUrl: started.baseUrl, pid: started.state.pid, token };
  }

  /** Ends the daemon, if there is one. */
  async stopDaemon() {
    await this.addon.stopManagedPythonDaemon(this.options);
  }

  /** The interpreter of the reference environment. */
  referencePython() {
    return this.once('reference environment', referencePython);
  }

  /** The running reference daemon: `{ baseUrl, pid }`, one for all rows. */
  referenceDaemon() {
    return this.once('reference daemon', () => this.newReferenceDaemon());
  }

  /** A reference daemon of one row's own; `stop()` ends it earlier than the end of all. */
  async newReferenceDaemon() {
    const daemon = await startReferenceDaemon();
    this.onClose(daemon.stop);
    return daemon;
  }

  async close() {
    for (const closer of this.#closers.reverse()) await closer();
  }
}
