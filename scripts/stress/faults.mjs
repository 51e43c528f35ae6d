// Races and faults. Each run returns the unexpected failures, the orphaned processes, and the broken states afterwards.
import process from 'node:process';
import { startManagedPythonDaemon, stopManagedPythonDaemon } from '@kaelio/ktx';
import { RaceRuntime } from './runtime.mjs';
import { race, spawnWorkers } from './workers.mjs';

const repeat = (count, job) => Array.from({ length: count }, () => job);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Faults by name: `(round) => Promise<{ spawns, orphans, failures, broken, messages }>`. */
export const faults = {
  '8 concurrent starts': () => startConcurrently(8),
  '32 concurrent starts': () => startConcurrently(32),
  '4 concurrent installations': installConcurrently,
  'concurrent start, stop and force': () => runConcurrently(['start', 'force', 'stop', 'start', 'force', 'stop']),
  'stop during a start': () => runConcurrently(['start', 'stop']),
  'start killed (kill -9)': (round) => killWorker('force', round),
  'installation killed (kill -9)': (round) => killWorker('install', round),
  'reinstallation killed (kill -9)': (round) => killWorker('reinstall', round),
  'daemon killed between calls': killDaemon,
};

async function startConcurrently(count) {
  return withRuntime({ daemon: 'slow' }, async (runtime, report) => {
    const outcomes = await race(repeat(count, 'start'), runtime.options);
    const done = report.addOutcomes(outcomes);
    const started = done.filter(({ status }) => status === 'started').length;
    const pids = new Set(done.map(({ pid }) => pid));
    if (started !== 1 || pids.size !== 1) report.addBroken(`${started} started, ${pids.size} pids`);
    if (runtime.spawns().length !== 1) report.addBroken(`${runtime.spawns().length} spawned`);
    report.addOrphans(await runtime.orphans([...pids]));
  });
}

async function installConcurrently() {
  return withRuntime({ installer: 'slow', install: false }, async (runtime, report) => {
    const done = report.addOutcomes(await race(repeat(4, 'install'), runtime.options));
    const installed = done.filter(({ status }) => status === 'installed').length;
    if (installed !== 1) report.addBroken(`${installed} installed`);
  });
}

async function runConcurrently(jobs) {
  return withRuntime({ daemon: 'slow' }, async (runtime, report) => {
    report.addOutcomes(await race(jobs, runtime.options));
    await verifyRecovery(runtime, report);
  });
}

/** Kills the process group of a worker; each round 50 ms later, starting again after 24 rounds. */
async function killWorker(job, round) {
  const slow = { daemon: 'slow', installer: 'slow', install: job !== 'install' };
  return withRuntime(slow, async (runtime, report) => {
    const [worker] = await spawnWorkers([job], runtime.options);
    worker.release();
    const delay = (round % 24) * 50;
    await Promise.race([pause(delay), worker.ended]);
    worker.kill();
    await worker.ended;
    if (job === 'reinstall' && !(await runtime.isReady())) report.addBroken('the previous runtime is unusable');
    await verifyRecovery(runtime, report);
  });
}

async function killDaemon() {
  return withRuntime({}, async (runtime, report) => {
    const workers = await spawnWorkers(repeat(4, 'call'), runtime.options);
    for (const worker of workers) worker.release();
    const pids = [];
    for (const worker of workers) pids.push((await worker.nextMessage())?.called);
    process.kill(pids[0], 'SIGKILL');
    for (const worker of workers) worker.release();
    const done = report.addOutcomes(await Promise.all(workers.map((worker) => worker.outcome())));
    if (done.some(({ pid, status }) => pid === pids[0] || status !== 'answered')) report.addBroken('a wrong response');
    await verifyRecovery(runtime, report);
  });
}

/** Checks that the next start works, and that only its daemon runs. */
async function verifyRecovery(runtime, report) {
  try {
    const { state } = await startManagedPythonDaemon({ ...runtime.options, features: ['core'] });
    report.addOrphans(await runtime.orphans([state.pid]));
    await stopManagedPythonDaemon(runtime.options);
  } catch (error) {
    report.addBroken(error.message);
  }
}

async function withRuntime({ daemon = 'ok', installer = 'ok', install = true }, test) {
  const runtime = new RaceRuntime();
  const report = new Report();
  try {
    if (install) await runtime.install();
    runtime.setDaemonMode(daemon);
    runtime.setInstallerMode(installer);
    await test(runtime, report);
    if (!(await runtime.isReady())) report.addBroken('the runtime is not ready');
    report.spawns = runtime.spawns().length;
  } finally {
    report.addOrphans(await runtime.close());
  }
  return report.counts();
}

class Report {
  messages = [];
  spawns = 0;
  #failures = 0;
  #orphans = 0;
  #broken = 0;

  /** Counts failed outcomes, and returns the results of the others. */
  addOutcomes(outcomes) {
    const failed = outcomes.filter((outcome) => outcome.done === undefined);
    this.#failures += failed.length;
    this.messages.push(...failed.map((outcome) => outcome.failed ?? 'ended without a message'));
    return outcomes.flatMap((outcome) => outcome.done ?? []);
  }

  addOrphans(pids) {
    this.#orphans += pids.length;
    this.messages.push(...pids.map((pid) => `process ${pid} is still running`));
  }

  addBroken(message) {
    this.#broken += 1;
    this.messages.push(message);
  }

  counts() {
    const { spawns, messages } = this;
    return { spawns, orphans: this.#orphans, failures: this.#failures, broken: this.#broken, messages };
  }
}
