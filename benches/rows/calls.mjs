// Calls through a port beside the HTTP clients that Node has, each in a process of its own, to a server that only echoes.
import { sharedCore, startEchoServer } from '../lib/echo.mjs';
import { inTurns } from '../lib/measure.mjs';
import { runProgram } from '../lib/processes.mjs';
import { atLeast, atMost, told } from '../lib/target.mjs';

const CLIENTS = ['http.request', 'fetch', 'undici.request'];
const p50 = { 'http.request': atMost(1), fetch: atMost(1 / 3), 'undici.request': atMost(1.3) };

/** Rows of this module. */
export const rows = [
  sequential('1 KB', { bytes: 1024, calls: 3000, core: sharedCore }, 'socket'),
  sequential('1 MB', { bytes: 1024 * 1024, calls: 300, core: sharedCore }, 'JSON alone'),
  sequential('1 KB on any core', { bytes: 1024, calls: 3000 }, 'socket', ['p50']),
  throughput(),
];

/** `floor` is what no client can do without, be it a socket or, where texts are long, to write and read them. */
function sequential(size, options, floor, quantiles = ['p50', 'p99']) {
  const others = [...CLIENTS, floor];
  return {
    name: `sequential calls of ${size}`,
    unit: 'ms',
    setUp: () => startEchoServer(options.core),
    tearDown: (server) => server.stop(),
    measure: (server, _, run) => measure(server, run, others, { ...options, concurrent: 1 }, quantiles),
    compare: quantiles.flatMap((what) =>
      others.map((other) => ({
        name: what,
        ours: `port ${what}`,
        against: `${other} ${what}`,
        target: other === floor ? told() : what === 'p50' ? p50[other] : atMost(1),
        floor: `${floor} ${what}`,
      })),
    ),
  };
}

function throughput() {
  const rates = { 'http.request': atLeast(2), fetch: atLeast(1), 'undici.request': atLeast(1), socket: told() };
  const others = [...CLIENTS, 'socket'];
  const options = { bytes: 1024, calls: 20_000, concurrent: 32 };
  const line = (what, other, target) => ({
    ours: `port ${what}`,
    against: `${other} ${what}`,
    target,
    floor: `socket ${what}`,
  });
  const cpu = (other) => line('cpu', other, other === 'socket' ? told() : atMost(1));
  return {
    name: '32 concurrent calls',
    unit: 'calls/s',
    setUp: () => startEchoServer(),
    tearDown: (server) => server.stop(),
    measure: (server, _, run) => measure(server, run, others, options, ['perSecond', 'cpu']),
    compare: [
      ...others.map((other) => line('perSecond', other, rates[other])),
      ...others.map((other) => ({ ...cpu(other), name: 'CPU of a call', unit: 'µs' })),
    ],
  };
}

async function measure({ baseUrl }, run, others, options, what) {
  const values = {};
  for (const client of inTurns(['port', ...others], run)) {
    const result = await runProgram('calls.mjs', { client, baseUrl, ...options });
    for (const key of what) values[`${client} ${key}`] = result[key];
  }
  return values;
}
