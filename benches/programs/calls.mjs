// Measures calls of one client in its own process: `calls.mjs '{ "client", "baseUrl", "bytes", "calls", "concurrent" }'`
// prints `{ "p50", "p99", "perSecond", "cpu" }`: milliseconds, calls per second, microseconds of CPU per call.
import process from 'node:process';
import { quantile } from '../lib/statistics.mjs';
import { clients } from './clients.mjs';

const { client, baseUrl, bytes, calls, concurrent } = JSON.parse(process.argv[2]);
const call = clients[client](baseUrl);
const payload = createRows(bytes);

await run(Math.ceil(calls / 4));
const cpu = process.cpuUsage();
const begin = performance.now();
const times = await run(calls);
const elapsed = performance.now() - begin;
const { user, system } = process.cpuUsage(cpu);
console.log(
  JSON.stringify({
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    perSecond: (calls / elapsed) * 1000,
    cpu: (user + system) / calls,
  }),
);
process.exit(0);

/** Makes `count` calls, `concurrent` at a time; returns the duration of each in milliseconds. */
async function run(count) {
  const times = [];
  let remaining = count;
  const callInSequence = async () => {
    while (remaining > 0) {
      remaining -= 1;
      const begin = performance.now();
      await call('/echo', payload);
      times.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, callInSequence));
  return times;
}

/** Creates an object with rows, like responses of the daemon, of about `size` bytes of JSON. */
function createRows(size) {
  const value = { rows: [] };
  for (let length = 11, id = 0; length < size; id += 1) {
    const row = { id, name: `orders.customer_${id}`, type: 'numeric', nullable: id % 3 === 0, share: id / 7 };
    length += JSON.stringify(row).length + 1;
    value.rows.push(row);
  }
  return value;
}
