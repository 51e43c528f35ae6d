// Process of a race: loads the addon, reports that it is ready, waits for its release, runs one job and reports the result.
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
  /** Makes two calls through one port, between which the daemon may end. */
  async call() {
    const request = runner();
    const first = await request('/one', {});
    send({ called: first.pid });
    await waitForRelease();
    const second = await request('/two', { two: true });
    return { status: second.echo.two === true ? 'answered' : 'wrong', pid: second.pid };
  },
  /** Makes calls and restarts, and measures the resources of the process before and after. */
  async grow() {
    const request = runner();
    const callMany = async (count) => {
      for (let n = 0; n < count; n += 50) await Promise.all(Array.from({ length: 50 }, () => request('/x', { n })));
    };
    const restart = async (count) => {
      for (let n = 0; n < count; n += 1) await start(true);
    };
    await restart(3);
    await callMany(500);
    const before = await measureResources();
    await callMany(options.calls);
    await restart(options.restarts);
    await callMany(50);
    const after = await measureResources();
    await stopManagedPythonDaemon(options);
    return { status: 'measured', before, after };
  },
};

function runner() {
  const io = { stdout: { write() {} }, stderr: { write() {} } };
  const callbacks = { ensureRuntime: async () => ({}), startDaemon: () => start() };
  return createManagedDaemonHttpJsonRunner({
    cliVersion: options.cliVersion,
    installPolicy: 'never',
    io,
    ...callbacks,
  });
}

/** Counts descriptors, threads and resident MiB of this process, after idle threads have ended. */
async function measureResources() {
  for (let lowest = Number.POSITIVE_INFINITY, stable = 0; stable < 15; ) {
    const now = threads();
    stable = now < lowest ? 0 : stable + 1;
    lowest = Math.min(lowest, now);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  globalThis.gc?.();
  const descriptors = readdirSync('/proc/self/fd').length;
  return { descriptors, threads: threads(), mebibytes: Math.round(process.memoryUsage().rss / 2 ** 20) };
}

const threads = () => Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
const send = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const waitForRelease = () => once(process.stdin, 'data');

send({ ready: true });
await waitForRelease();
try {
  send({ done: await jobs[job]() });
} catch (error) {
  send({ failed: error.message });
}
process.stdin.destroy();
