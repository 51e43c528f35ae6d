// How late the event loop is while something runs: `event-loop.mjs '{ "work", … }'` prints the 99th percentile in
// milliseconds. Sampled every millisecond; an idle loop shows what the machine itself adds.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { installManagedPythonRuntime, startManagedPythonDaemon, stopManagedPythonDaemon } from '@kaelio/ktx';
import { clients } from './clients.mjs';

const { work, options, baseUrl } = JSON.parse(process.argv[2]);
const IDLE_MS = 1500;
const CONCURRENT = 32;
/** A thousand calls take a tenth of a second, which has too few samples for a hundredth of them. */
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
  let left = ROUNDS * 1000;
  const payload = { rows: Array.from({ length: 20 }, (_, id) => ({ id, name: `orders.customer_${id}` })) };
  const call = client(baseUrl);
  const lane = async () => {
    while (left-- > 0) await call('/echo', payload);
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}

const delay = monitorEventLoopDelay({ resolution: 1 });
// The loop's own beginning is not the work's.
await sleep(50);
delay.enable();
await jobs[work]();
delay.disable();
console.log(JSON.stringify(delay.percentile(99) / 1e6));
process.exit(0);
