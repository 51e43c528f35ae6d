// Calls through a port beside the HTTP clients that Node has, each in a process of its own, to a server that only echoes.
import { keepCoresAwake } from '../lib/awake.mjs';
import { startEchoServer } from '../lib/echo.mjs';
import { inTurns } from '../lib/measure.mjs';
import { runProgram } from '../lib/processes.mjs';
import { atLeast, atMost, noTarget } from '../lib/target.mjs';

const CLIENTS = ['http.request', 'fetch', 'undici.request'];
const SEQUENTIAL = { 'http.request': atMost(1), fetch: atMost(1 / 3), 'undici.request': atMost(1.3) };
const SMALL = { ...SEQUENTIAL, 'http.request': atMost(1.25) };
const kilobyte = { bytes: 1024, calls: 3000, concurrent: 1 };
const megabyte = { bytes: 1024 * 1024, calls: 300, concurrent: 1 };

/** Rows of this module. */
export const rows = [
  sequential('1 KB', kilobyte, 'socket', SMALL, { runs: 15 }),
  sequential('1 MB', megabyte, 'JSON alone', SEQUENTIAL),
  onSleepyCores(),
  throughput(),
];

/** `floor` is what no client can do without, be it a socket or, where texts are long, to write and read them. */
function sequential(size, options, floor, targets, more) {
  const others = [...CLIENTS, floor];
  return {
    name: `sequential calls of ${size}`,
    unit: 'ms',
    ...measured(startOnAwakeCores, others, options, ['p50', 'p99']),
    ...more,
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

/** Not judged, as it tells how long the machine takes to wake a core. */
function onSleepyCores() {
  const others = [...CLIENTS, 'socket'];
  return {
    name: 'sequential calls of 1 KB, cores that fall asleep',
    unit: 'ms',
    ...measured(startEchoServer, others, kilobyte, ['p50']),
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
    ...measured(startEchoServer, others, options, ['perSecond', 'cpu']),
    compare: [
      ...others.map((other) => line('perSecond', other, rates[other])),
      ...others.map((other) => ({ ...cpu(other), name: 'CPU of a call', unit: 'µs' })),
    ],
  };
}

/** How a row is measured: the port and all others in turns, each calling the server that `start` gives. */
function measured(start, others, options, what) {
  return {
    setUp: () => start(),
    tearDown: (server) => server.stop(),
    measure: async ({ baseUrl }, _, run) => {
      const values = {};
      for (const client of inTurns(['port', ...others], run)) {
        const result = await runProgram('calls.mjs', { client, baseUrl, ...options });
        for (const key of what) values[`${client} ${key}`] = result[key];
      }
      return values;
    },
  };
}

async function startOnAwakeCores() {
  const { baseUrl, stop } = await startEchoServer();
  const letSleep = keepCoresAwake();
  return { baseUrl, stop: () => stop().finally(letSleep) };
}
