// Worker processes of a race, released together.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { root } from '../lib/steps.mjs';

/** Process of a race. */
export class Worker {
  /** @param {string} job @param {object} options @param {{ env?: NodeJS.ProcessEnv, flags?: string[] }} [processOptions] */
  constructor(job, options, { env = process.env, flags = [] } = {}) {
    const program = path.join(root, 'scripts', 'stress', 'worker.mjs');
    // Detached: a process group, which `kill` ends as a whole.
    const processOptions = { cwd: root, env, detached: true, stdio: ['pipe', 'pipe', 'inherit'] };
    this.child = spawn(process.execPath, [...flags, program, JSON.stringify({ job, options })], processOptions);
    this.ended = once(this.child, 'close');
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    // Writes to a killed process fail.
    this.child.stdin.on('error', () => {});
  }

  /** Next message of the process; `null` after its end. */
  async nextMessage() {
    const { value, done } = await this.lines.next();
    return done ? null : JSON.parse(value);
  }

  /** Lets the process run its job. */
  release() {
    this.child.stdin.write('go\n');
  }

  /** Outcome of the job: `{ done }`, `{ failed }`, or `{ killed: true }`. */
  async outcome() {
    const message = await this.nextMessage();
    await this.ended;
    return message ?? { killed: true };
  }

  /** Kills the process group. */
  kill() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** Starts processes, and waits until all are ready. */
export async function spawnWorkers(jobs, options) {
  const workers = jobs.map((job) => new Worker(job, options));
  for (const worker of workers) await worker.nextMessage();
  return workers;
}

/** Starts processes, releases them together, and returns their outcomes. */
export async function race(jobs, options) {
  const workers = await spawnWorkers(jobs, options);
  for (const worker of workers) worker.release();
  return Promise.all(workers.map((worker) => worker.outcome()));
}
