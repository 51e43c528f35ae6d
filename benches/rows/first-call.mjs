// The first call of a new process, with and without a running daemon, and what a daemon takes to be healthy.
import { spawn } from 'node:child_process';
import process from 'node:process';
import { eachInTurn, fastest } from '../lib/measure.mjs';
import { freePort, request, runProgram, timeProgram } from '../lib/processes.mjs';
import { daemonFile, POLL_MS } from '../lib/reference.mjs';
import { atMost, told } from '../lib/target.mjs';

const PROGRAM = 'first-call.cjs';

/** Rows of this module. */
export const rows = [withoutDaemon(), health(), withDaemon()];

/** From the start of the Node process to the answer. */
function withoutDaemon() {
  return {
    name: 'first call, no daemon',
    unit: 'ms',
    async setUp(ctx) {
      await ctx.runtime();
      ctx.referencePython();
    },
    measure: (_, ctx, run) =>
      eachInTurn(
        {
          'new process': async () => {
            await ctx.stopDaemon();
            return timeProgram(PROGRAM, ['port', ctx.options]);
          },
          'reference daemon': async () => {
            const options = { python: ctx.referencePython(), daemonFile, port: await freePort(), pollMs: POLL_MS };
            return timeProgram(PROGRAM, ['reference daemon', options]);
          },
        },
        run,
      ),
    tearDown: (_, ctx) => ctx.stopDaemon(),
    compare: [{ ours: 'new process', against: 'reference daemon', target: atMost(1 / 3) }],
  };
}

/** What a bare Python needs to say that it listens, and to answer one request. */
const BARE = `
import os, socket
server = socket.create_server(("127.0.0.1", 0))
os.write(3, b'{"port": %d}\\n' % server.getsockname()[1])
client, _ = server.accept()
client.recv(65536)
client.sendall(b'HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\nconnection: close\\r\\n\\r\\n{}')
client.close()
`;

/** From the start of the Python process to the answer of `/health`. */
function health() {
  return {
    name: '/health of a new daemon',
    unit: 'ms',
    runs: 15,
    setUp: async (ctx) => (await ctx.runtime()).layout,
    measure: ({ daemonPath, pythonPath }, _, run) =>
      eachInTurn(
        {
          daemon: () => fastest(() => timeHealth(daemonPath, ['serve-http'])),
          'python -c with a socket': () => fastest(() => timeHealth(pythonPath, ['-c', BARE])),
        },
        run,
      ),
    compare: [{ ours: 'daemon', against: 'python -c with a socket', target: atMost(1.3) }],
  };
}

/** Starts a server that tells its port on descriptor 3, asks it once, and ends it. */
async function timeHealth(command, args) {
  const begin = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    env: { ...process.env, KTX_DAEMON_READY_FD: '3' },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const line = await new Promise((resolve, reject) => {
    child.stdio[3].once('data', resolve);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}`)));
  });
  const { status } = await request(`http://127.0.0.1:${JSON.parse(line).port}/health`);
  const elapsed = performance.now() - begin;
  if (status !== 200) throw new Error(`${command} answers ${status}`);
  child.kill();
  await ended;
  return elapsed;
}

/** From the first line of a program to the answer of a daemon that has answered before. */
function withDaemon() {
  const others = ['fetch', 'fetch with checks', 'http.request'];
  return {
    name: 'first call, running daemon',
    unit: 'ms',
    runs: 15,
    async setUp(ctx) {
      const { layout } = await ctx.runtime();
      const daemon = await ctx.daemon();
      const { manifestPath: manifestFile, daemonStatePath: stateFile } = layout;
      const options = { ...ctx.options, ...daemon, manifestFile, stateFile };
      for (const way of ['port', ...others]) await runProgram(PROGRAM, [way, options]);
      return options;
    },
    measure(options, _, run) {
      const jobs = ['port', ...others].map((way) => [way, () => fastest(() => runProgram(PROGRAM, [way, options]))]);
      return eachInTurn(Object.fromEntries(jobs), run);
    },
    compare: [
      { ours: 'port', against: 'fetch', target: atMost(1.5) },
      { ours: 'port', against: 'fetch with checks', target: atMost(1) },
      { ours: 'port', against: 'http.request', target: told() },
    ],
  };
}
