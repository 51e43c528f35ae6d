// Calls through a port beside the HTTP clients that Node has, each in a process of its own, to a server that only echoes.
import { inTurns } from '../lib/measure.mjs';
import { runProgram, startProgram } from '../lib/processes.mjs';
import { atLeast, atMost } from '../lib/target.mjs';

const OTHERS = ['http.request', 'fetch', 'undici.request'];
const p50 = { 'http.request': atMost(1), fetch: atMost(1 / 3), 'undici.request': atMost(1.3) };

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
    setUp: echoServer,
    tearDown: (server) => server.stop(),
    measure: (server, _, run) => measure(server, run, { ...options, concurrent: 1 }, ['p50', 'p99']),
    compare: ['p50', 'p99'].flatMap((what) =>
      OTHERS.map((other) => ({
        name: what,
        ours: `port ${what}`,
        against: `${other} ${what}`,
        target: what === 'p50' ? p50[other] : atMost(1),
      })),
    ),
  };
}

function throughput() {
  const rates = { 'http.request': atLeast(2), fetch: atLeast(1), 'undici.request': atLeast(1) };
  const options = { bytes: 1024, calls: 20_000, concurrent: 32 };
  const line = (what, other, target) => ({ ours: `port ${what}`, against: `${other} ${what}`, target });
  return {
    name: '32 concurrent calls',
    unit: 'calls/s',
    setUp: echoServer,
    tearDown: (server) => server.stop(),
    measure: (server, _, run) => measure(server, run, options, ['perSecond', 'cpu']),
    compare: [
      ...OTHERS.map((other) => line('perSecond', other, rates[other])),
      ...OTHERS.map((other) => ({ ...line('cpu', other, atMost(1)), name: 'CPU of a call', unit: 'µs' })),
    ],
  };
}

function echoServer() {
  return startProgram('echo-server.mjs').then(({ line, stop }) => ({ baseUrl: `http://127.0.0.1:${line}`, stop }));
}

async function measure({ baseUrl }, run, options, what) {
  const values = {};
  for (const client of inTurns(['port', ...OTHERS], run)) {
    const result = await runProgram('calls.mjs', { client, baseUrl, ...options });
    for (const key of what) values[`${client} ${key}`] = result[key];
  }
  return values;
}
