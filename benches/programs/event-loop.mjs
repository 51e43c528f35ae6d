// Measures the delay of the event loop during a job: `event-loop.mjs '{ "work", … }'` prints the 99th percentile in
// milliseconds, sampled every millisecond; `idle` is the baseline of the machine.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { installManagedPythonRuntime, startManagedPythonDaemon, stopManagedPythonDaemon } from '@kaelio/ktx';
import { clients } from './clients.mjs';

const { work, options, baseUrl } = JSON.parse(process.argv[2]);
const IDLE_MS = 1500;
const CONCURRENT = 32;
/** A thousand calls take 0.1 s, which has too few samples for the 99th percentile. */
const ROUNDS = 10;

const jobs = {
  idle: () => sleep(IDLE_MS),
  install: () => installManagedPythonRuntime({ ...options, features: ['core'], force: true }),
  async start() {
    await stopManagedPythonDaemon(options);
    await startManagedPythonDaemon({ ...options, features: ['core'] });
  },
  '1,000 calls': () => calls(clients.port),
  '1,000 calls by sockets': () => calls(clients.socket),
};

async function calls(client) {
  let remaining = ROUNDS * 1000;
  const payload = { rows: Array.from({ length: 20 }, (_, id) => ({ id, name: `orders.customer_${id}` })) };
  const call = client(baseUrl);
  const callInSequence = async () => {
    while (remaining-- > 0) await call('/echo', payload);
  };
  await Promise.all(Array.from({ length: CONCURRENT }, callInSequence));
}

const delay = monitorEventLoopDelay({ resolution: 1 });
// Excludes the start of the process.
await sleep(50);
delay.enable();
await jobs[work]();
delay.disable();
console.log(JSON.stringify(delay.percentile(99) / 1e6));
process.exit(0);
