// Calls of one client in a process of its own: `calls.mjs '{ "client", "baseUrl", "bytes", "calls", "concurrent" }'`
// prints `{ "p50", "p99", "perSecond", "cpu" }`: milliseconds, calls per second, microseconds of CPU per call.
import process from 'node:process';
import { quantile } from '../lib/statistics.mjs';
import { clients } from './clients.mjs';

const { client, baseUrl, bytes, calls, concurrent } = JSON.parse(process.argv[2]);
const call = clients[client](baseUrl);
const payload = rows(bytes);

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

/** Makes so many calls, some at a time; how long each took. */
async function run(count) {
  const times = [];
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const begin = performance.now();
      await call('/echo', payload);
      times.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, lane));
  return times;
}

/** An object of rows, as answers of the daemon are, with about so many bytes of JSON. */
function rows(size) {
  const value = { rows: [] };
  for (let length = 11, id = 0; length < size; id += 1) {
    const row = { id, name: `orders.customer_${id}`, type: 'numeric', nullable: id % 3 === 0, share: id / 7 };
    length += JSON.stringify(row).length + 1;
    value.rows.push(row);
  }
  return value;
}
