// Shared state of rows: the installed runtime, its daemon, the reference, and their cleanup.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { root } from '../../scripts/lib/steps.mjs';
import { referencePython, startReferenceDaemon } from './reference.mjs';

// Not imported, as this process builds the addon first.
const load = createRequire(import.meta.url);

/** Environment of a bench; it does not touch the runtime of the user. */
export class Context {
  #closers = [];
  #cache = new Map();

  constructor() {
    /** A temporary folder. */
    this.folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'ktx-bench-'));
    this.onClose(() => rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 }));
    const cliVersion = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version;
    /** Layout options of every call of the addon. Other processes get the same root from the environment. */
    this.options = { cliVersion, runtimeRoot: path.join(this.folder, 'runtime') };
    const home = path.join(this.folder, 'home');
    mkdirSync(home);
    Object.assign(process.env, { KTX_RUNTIME_ROOT: this.options.runtimeRoot, XDG_DATA_HOME: home, LOCALAPPDATA: home });
    if (process.platform === 'darwin') process.env.HOME = home;
  }

  /** The built addon. */
  get addon() {
    return load('@kaelio/ktx');
  }

  /** Loads a built module of the package by its path. */
  load(file) {
    return load(file);
  }

  /** Registers a cleanup; the last one registered runs first. */
  onClose(closer) {
    this.#closers.push(closer);
  }

  /** Caches a value for all rows. */
  cached(name, create) {
    if (!this.#cache.has(name)) this.#cache.set(name, create());
    return this.#cache.get(name);
  }

  /** Installs the core runtime; returns the result of the installation. */
  runtime() {
    return this.cached('runtime', () =>
      this.addon.installManagedPythonRuntime({ ...this.options, features: ['core'] }),
    );
  }

  /** Starts the daemon if it is not running: `{ baseUrl, pid, token }`. */
  async daemon() {
    await this.runtime();
    this.cached('daemon stopped at the end', () => this.onClose(() => this.stopDaemon()));
    const started = await this.addon.startManagedPythonDaemon({ ...this.options, features: ['core'] });
    const { token } = JSON.parse(readFileSync(started.layout.daemonStatePath, 'utf8'));
    return { baseUrl: started.baseUrl, pid: started.state.pid, token };
  }

  /** Stops the daemon if it is running. */
  async stopDaemon() {
    await this.addon.stopManagedPythonDaemon(this.options);
  }

  /** Interpreter of the reference environment. */
  referencePython() {
    return this.cached('reference environment', referencePython);
  }

  /** Starts the shared reference daemon: `{ baseUrl, pid }`. */
  referenceDaemon() {
    return this.cached('reference daemon', () => this.newReferenceDaemon());
  }

  /** Starts a reference daemon for one row; `stop()` ends it before the end of the bench. */
  async newReferenceDaemon() {
    const daemon = await startReferenceDaemon();
    this.onClose(daemon.stop);
    return daemon;
  }

  async close() {
    for (const closer of this.#closers.reverse()) await closer();
  }
}
