// The races and faults that are repeated. Each gives what came of one try: processes that failed although they should
// not have, processes that stayed behind, and states that were broken afterwards.
import process from 'node:process';
import { startManagedPythonDaemon, stopManagedPythonDaemon } from '@kaelio/ktx';
import { Place } from './place.mjs';
import { line, race } from './workers.mjs';

const many = (count, job) => Array.from({ length: count }, () => job);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The faults by name: `(round) => Promise<{ spawns, orphans, failures, broken }>`; messages tell more. */
export const faults = {
  '8 start at once': () => startAtOnce(8),
  '32 start at once': () => startAtOnce(32),
  '4 install at once': installAtOnce,
  'start, stop and force at once': () => mixed(['start', 'force', 'stop', 'start', 'force', 'stop']),
  'stop while a start is under way': () => mixed(['start', 'stop']),
  'starter killed (kill -9)': (round) => killed('force', round),
  'installer killed (kill -9)': (round) => killed('install', round),
  'reinstaller killed (kill -9)': (round) => killed('reinstall', round),
  'daemon killed between calls': daemonKilled,
};

async function startAtOnce(count) {
  return inPlace({ daemon: 'slow' }, async (place, report) => {
    const outcomes = await race(many(count, 'start'), place.options);
    const done = report.all(outcomes);
    const started = done.filter(({ status }) => status === 'started').length;
    const pids = new Set(done.map(({ pid }) => pid));
    if (started !== 1 || pids.size !== 1) report.broken(`${started} started, ${pids.size} pids`);
    if (place.spawns().length !== 1) report.broken(`${place.spawns().length} spawned`);
    report.orphans(await place.orphans([...pids]));
  });
}

async function installAtOnce() {
  return inPlace({ installer: 'slow', install: false }, async (place, report) => {
    const done = report.all(await race(many(4, 'install'), place.options));
    const installed = done.filter(({ status }) => status === 'installed').length;
    if (installed !== 1) report.broken(`${installed} installed`);
  });
}

async function mixed(jobs) {
  return inPlace({ daemon: 'slow' }, async (place, report) => {
    report.all(await race(jobs, place.options));
    await works(place, report);
  });
}

/** Killed with its process group, each round 50 ms later, until it would have come to its end; then from the start. */
async function killed(job, round) {
  const slow = { daemon: 'slow', installer: 'slow', install: job !== 'install' };
  return inPlace(slow, async (place, report) => {
    const [worker] = await line([job], place.options);
    worker.go();
    const after = (round % 24) * 50;
    await Promise.race([pause(after), worker.ended]);
    worker.kill();
    await worker.ended;
    if (job === 'reinstall' && !(await place.isWhole())) report.broken('what worked is gone');
    await works(place, report);
  });
}

async function daemonKilled() {
  return inPlace({}, async (place, report) => {
    const workers = await line(many(4, 'call'), place.options);
    for (const worker of workers) worker.go();
    const pids = [];
    for (const worker of workers) pids.push((await worker.said())?.called);
    process.kill(pids[0], 'SIGKILL');
    for (const worker of workers) worker.go();
    const done = report.all(await Promise.all(workers.map((worker) => worker.outcome())));
    if (done.some(({ pid, status }) => pid === pids[0] || status !== 'answered')) report.broken('a wrong answer');
    await works(place, report);
  });
}

/** After every fault, the next start works without any help, and there is one daemon and nothing else. */
async function works(place, report) {
  try {
    const { state } = await startManagedPythonDaemon({ ...place.options, features: ['core'] });
    report.orphans(await place.orphans([state.pid]));
    await stopManagedPythonDaemon(place.options);
  } catch (error) {
    report.broken(error.message);
  }
}

async function inPlace({ daemon = 'ok', installer = 'ok', install = true }, test) {
  const place = new Place();
  const report = new Report();
  try {
    if (install) await place.install();
    place.daemon(daemon);
    place.installer(installer);
    await test(place, report);
    if (!(await place.isWhole())) report.broken('the runtime is not ready');
    report.spawns = place.spawns().length;
  } finally {
    report.orphans(await place.close());
  }
  return report.counts();
}

class Report {
  messages = [];
  spawns = 0;
  #failures = 0;
  #orphans = 0;
  #broken = 0;

  /** What those that came to an end did. */
  all(outcomes) {
    const failed = outcomes.filter((outcome) => outcome.done === undefined);
    this.#failures += failed.length;
    this.messages.push(...failed.map((outcome) => outcome.failed ?? 'ended without a word'));
    return outcomes.flatMap((outcome) => outcome.done ?? []);
  }

  orphans(pids) {
    this.#orphans += pids.length;
    this.messages.push(...pids.map((pid) => `process ${pid} stayed`));
  }

  broken(message) {
    this.#broken += 1;
    this.messages.push(message);
  }

  counts() {
    const { spawns, messages } = this;
    return { spawns, orphans: this.#orphans, failures: this.#failures, broken: this.#broken, messages };
  }
}
