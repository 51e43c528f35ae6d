// One process of a race: loads the addon, says that it is ready, waits for its signal, does one job and says how it went.
//
//     node scripts/stress/worker.mjs '{"job":"start","options":{…}}'
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import {
  createManagedDaemonHttpJsonRunner,
  installManagedPythonRuntime,
  startManagedPythonDaemon,
  stopManagedPythonDaemon,
} from '@kaelio/ktx';

const { job, options } = JSON.parse(process.argv[2]);
const features = ['core'];

const start = (force = false) => startManagedPythonDaemon({ ...options, features, force });

const jobs = {
  async start() {
    const { status, state } = await start();
    return { status, pid: state.pid };
  },
  async force() {
    const { status, state } = await start(true);
    return { status, pid: state.pid };
  },
  async stop() {
    return { status: (await stopManagedPythonDaemon(options)).status };
  },
  async install() {
    return { status: (await installManagedPythonRuntime({ ...options, features })).status };
  },
  async reinstall() {
    return { status: (await installManagedPythonRuntime({ ...options, features, force: true })).status };
  },
  /** Two calls through one port; the daemon may die at any moment. */
  async call() {
    const request = runner();
    const first = await request('/one', {});
    say({ called: first.pid });
    await signal();
    const second = await request('/two', { two: true });
    return { status: second.echo.two === true ? 'answered' : 'wrong', pid: second.pid };
  },
  /** Thousands of calls and dozens of restarts, and what the process holds before and after. */
  async grow() {
    const request = runner();
    const many = async (count) => {
      for (let n = 0; n < count; n += 50) await Promise.all(Array.from({ length: 50 }, () => request('/x', { n })));
    };
    const restart = async (count) => {
      for (let n = 0; n < count; n += 1) await start(true);
    };
    await restart(3);
    await many(500);
    const before = await held();
    await many(options.calls);
    await restart(options.restarts);
    await many(50);
    const after = await held();
    await stopManagedPythonDaemon(options);
    return { status: 'grown', before, after };
  },
};

function runner() {
  const io = { stdout: { write() {} }, stderr: { write() {} } };
  const own = { ensureRuntime: async () => ({}), startDaemon: () => start() };
  return createManagedDaemonHttpJsonRunner({ cliVersion: options.cliVersion, installPolicy: 'never', io, ...own });
}

/** Descriptors, threads and resident mebibytes of this process, once threads that idle have ended. */
async function held() {
  for (let least = Number.POSITIVE_INFINITY, same = 0; same < 15; ) {
    const now = threads();
    same = now < least ? 0 : same + 1;
    least = Math.min(least, now);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  globalThis.gc?.();
  const descriptors = readdirSync('/proc/self/fd').length;
  return { descriptors, threads: threads(), mebibytes: Math.round(process.memoryUsage().rss / 2 ** 20) };
}

const threads = () => Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const signal = () => once(process.stdin, 'data');

say({ ready: true });
await signal();
try {
  say({ done: await jobs[job]() });
} catch (error) {
  say({ failed: error.message });
}
process.stdin.destroy();
