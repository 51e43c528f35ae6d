// Calls through a port compared with the HTTP clients of Node, each in its own process, to an echo server.
import { keepCoresAwake } from '../lib/awake.mjs';
import { startEchoServer } from '../lib/echo.mjs';
import { rotate } from '../lib/measure.mjs';
import { runProgram } from '../lib/processes.mjs';
import { atLeast, atMost, noTarget } from '../lib/target.mjs';

const CLIENTS = ['http.request', 'fetch', 'undici.request'];
const SEQUENTIAL = { 'http.request': atMost(1), fetch: atMost(1 / 3), 'undici.request': atMost(1.3) };
// A small call is bound by the thread switches of reqwest and of the executor, which were chosen over a faster client.
const SMALL = { ...SEQUENTIAL, 'http.request': atMost(1.25), fetch: atMost(1) };
const kilobyte = { bytes: 1024, calls: 3000, concurrent: 1 };
const megabyte = { bytes: 1024 * 1024, calls: 300, concurrent: 1 };

/** Rows of this module. */
export const rows = [
  sequential('1 KB', kilobyte, 'socket', SMALL, { runs: 15 }),
  sequential('1 MB', megabyte, 'JSON alone', SEQUENTIAL),
  withIdleCores(),
  throughput(),
];

/** `floor` is the minimum work of any client: a socket or, for long texts, JSON. */
function sequential(size, options, floor, targets, overrides) {
  const others = [...CLIENTS, floor];
  return {
    name: `sequential calls of ${size}`,
    unit: 'ms',
    ...measurement(startWithoutIdleCores, others, options, ['p50', 'p99']),
    ...overrides,
    compare: ['p50', 'p99'].flatMap((what) =>
      others.map((other) => ({
        name: what,
        ours: `port ${what}`,
        against: `${other} ${what}`,
        target: other === floor ? noTarget() : what === 'p50' ? targets[other] : atMost(1),
        floor: `${floor} ${what}`,
      })),
    ),
  };
}

/** Without targets, as it depends on the time of the machine to wake a core. */
function withIdleCores() {
  const others = [...CLIENTS, 'socket'];
  return {
    name: 'sequential calls of 1 KB, cores that fall asleep',
    unit: 'ms',
    ...measurement(startEchoServer, others, kilobyte, ['p50']),
    compare: others.map((other) => ({ name: 'p50', ours: 'port p50', against: `${other} p50`, target: noTarget() })),
  };
}

function throughput() {
  const rates = { 'http.request': atLeast(1.3), fetch: atLeast(1), 'undici.request': atLeast(1), socket: noTarget() };
  const others = [...CLIENTS, 'socket'];
  const options = { bytes: 1024, calls: 20_000, concurrent: 32 };
  const line = (what, other, target) => ({
    ours: `port ${what}`,
    against: `${other} ${what}`,
    target,
    floor: `socket ${what}`,
  });
  const cpu = (other) => line('cpu', other, other === 'socket' ? noTarget() : atMost(1));
  return {
    name: '32 concurrent calls',
    unit: 'calls/s',
    ...measurement(startEchoServer, others, options, ['perSecond', 'cpu']),
    compare: [
      ...others.map((other) => line('perSecond', other, rates[other])),
      ...others.map((other) => ({ ...cpu(other), name: 'CPU of a call', unit: 'µs' })),
    ],
  };
}

/** Measurement of a row: the port and all other clients in rotation, each calling the server of `start`. */
function measurement(start, others, options, metrics) {
  return {
    setUp: () => start(),
    tearDown: (server) => server.stop(),
    measure: async ({ baseUrl }, _, run) => {
      const values = {};
      for (const client of rotate(['port', ...others], run)) {
        const result = await runProgram('calls.mjs', { client, baseUrl, ...options });
        for (const key of metrics) values[`${client} ${key}`] = result[key];
      }
      return values;
    },
  };
}

async function startWithoutIdleCores() {
  const { baseUrl, stop } = await startEchoServer();
  const allowIdle = keepCoresAwake();
  return { baseUrl, stop: () => stop().finally(allowIdle) };
}
