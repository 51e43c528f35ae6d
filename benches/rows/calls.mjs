// Calls through a port beside the HTTP clients that Node has, each in a process of its own, to a server that only echoes.
import { startEchoServer } from '../lib/echo.mjs';
import { inTurns } from '../lib/measure.mjs';
import { runProgram } from '../lib/processes.mjs';
import { atLeast, atMost, told } from '../lib/target.mjs';

// A bare socket is the floor of all of them.
const OTHERS = ['http.request', 'fetch', 'undici.request', 'socket'];
const p50 = { 'http.request': atMost(1), fetch: atMost(1 / 3), 'undici.request': atMost(1.3), socket: told() };
const best = (other) => (other === 'socket' ? told() : atMost(1));

/** Rows of this module. */
export const rows = [
  sequential('1 KB', { bytes: 1024, calls: 3000 }),
  sequential('1 MB', { bytes: 1024 * 1024, calls: 100 }),
  throughput(),
];

function sequential(size, options) {
  return {
    name: `sequential calls of ${size}`,
    unit: 'ms',
    setUp: startEchoServer,
    tearDown: (server) => server.stop(),
    measure: (server, _, run) => measure(server, run, { ...options, concurrent: 1 }, ['p50', 'p99']),
    compare: ['p50', 'p99'].flatMap((what) =>
      OTHERS.map((other) => ({
        name: what,
        ours: `port ${what}`,
        against: `${other} ${what}`,
        target: what === 'p50' ? p50[other] : best(other),
      })),
    ),
  };
}

function throughput() {
  const rates = { 'http.request': atLeast(2), fetch: atLeast(1), 'undici.request': atLeast(1), socket: told() };
  const options = { bytes: 1024, calls: 20_000, concurrent: 32 };
  const line = (what, other, target) => ({ ours: `port ${what}`, against: `${other} ${what}`, target });
  return {
    name: '32 concurrent calls',
    unit: 'calls/s',
    setUp: startEchoServer,
    tearDown: (server) => server.stop(),
    measure: (server, _, run) => measure(server, run, options, ['perSecond', 'cpu']),
    compare: [
      ...OTHERS.map((other) => line('perSecond', other, rates[other])),
      ...OTHERS.map((other) => ({ ...line('cpu', other, best(other)), name: 'CPU of a call', unit: 'µs' })),
    ],
  };
}

async function measure({ baseUrl }, run, options, what) {
  const values = {};
  for (const client of inTurns(['port', ...OTHERS], run)) {
    const result = await runProgram('calls.mjs', { client, baseUrl, ...options });
    for (const key of what) values[`${client} ${key}`] = result[key];
  }
  return values;
}
