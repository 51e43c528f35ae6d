// Processes on a barrier.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { root } from '../lib/steps.mjs';

/** A process of a race, ready to begin. */
export class Worker {
  /** @param {string} job @param {object} options @param {{ env?: NodeJS.ProcessEnv, flags?: string[] }} [how] */
  constructor(job, options, { env = process.env, flags = [] } = {}) {
    const program = path.join(root, 'scripts', 'stress', 'worker.mjs');
    // A group of its own, so that it can be killed with all that shares its group.
    const how = { cwd: root, env, detached: true, stdio: ['pipe', 'pipe', 'inherit'] };
    this.child = spawn(process.execPath, [...flags, program, JSON.stringify({ job, options })], how);
    this.ended = once(this.child, 'close');
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    // One that was killed does not hear.
    this.child.stdin.on('error', () => {});
  }

  /** The next thing that it says; `null` when it has ended. */
  async said() {
    const { value, done } = await this.lines.next();
    return done ? null : JSON.parse(value);
  }

  go() {
    this.child.stdin.write('go\n');
  }

  /** `{ done }`, `{ failed }`, or `{ killed: true }`. */
  async outcome() {
    const said = await this.said();
    await this.ended;
    return said ?? { killed: true };
  }

  /** Kills it with its process group, at once. */
  kill() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** Makes processes and waits until all are ready. */
export async function line(jobs, options) {
  const workers = jobs.map((job) => new Worker(job, options));
  for (const worker of workers) await worker.said();
  return workers;
}

/** Lets them all begin at once, and gives what came of each. */
export async function race(jobs, options) {
  const workers = await line(jobs, options);
  for (const worker of workers) worker.go();
  return Promise.all(workers.map((worker) => worker.outcome()));
}
