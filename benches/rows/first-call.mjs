// The first call of a new process, with and without a running daemon, and what a daemon takes to be healthy.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../../scripts/lib/ports.mjs';
import { root } from '../../scripts/lib/steps.mjs';
import { eachInTurn, fastest } from '../lib/measure.mjs';
import { runProgram, timeProgram } from '../lib/processes.mjs';
import { daemonFile, POLL_MS } from '../lib/reference.mjs';
import { atMost, noTarget } from '../lib/target.mjs';

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
            const options = { python: ctx.referencePython(), daemonFile, port: await findFreePort(), pollMs: POLL_MS };
            return timeProgram(PROGRAM, ['reference daemon', options]);
          },
        },
        run,
      ),
    tearDown: (_, ctx) => ctx.stopDaemon(),
    compare: [{ ours: 'new process', against: 'reference daemon', target: atMost(0.4) }],
  };
}

/** What a bare Python needs to answer one request. */
const BARE = `
import os, socket
server = socket.socket(fileno=int(os.environ["KTX_DAEMON_LISTEN_FD"]))
client, _ = server.accept()
client.recv(65536)
client.sendall(b"HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\n{}")
client.recv(65536)
`;

/** From the start of the Python process to the answer of `/health`. */
function health() {
  const serve = ['serve-http', '--host', '127.0.0.1', '--port', '0'];
  return {
    name: '/health of a new daemon',
    unit: 'ms',
    runs: 15,
    setUp: async (ctx) => (await ctx.runtime()).layout,
    measure({ daemonPath, pythonPath }, _, run) {
      const time = (command) => () => fastest(() => timeHealth(pythonPath, command));
      const bare = [pythonPath, '-c', BARE];
      return eachInTurn({ daemon: time([daemonPath, ...serve]), 'python -c with a socket': time(bare) }, run);
    },
    compare: [{ ours: 'daemon', against: 'python -c with a socket', target: noTarget() }],
  };
}

async function timeHealth(python, command) {
  const args = [path.join(root, 'benches', 'programs', 'health.py'), ...command];
  return Number((await promisify(execFile)(python, args)).stdout);
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
      { ours: 'port', against: 'http.request', target: noTarget() },
    ],
  };
}
