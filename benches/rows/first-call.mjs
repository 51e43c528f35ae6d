// First call of a new process, with and without a running daemon, and the start of a daemon until it is healthy.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../../scripts/lib/ports.mjs';
import { root } from '../../scripts/lib/steps.mjs';
import { fastest, runRotated } from '../lib/measure.mjs';
import { runProgram, timeProgram } from '../lib/processes.mjs';
import { daemonFile, POLL_INTERVAL_MS } from '../lib/reference.mjs';
import { atMost, noTarget } from '../lib/target.mjs';

const PROGRAM = 'first-call.cjs';

/** Rows of this module. */
export const rows = [withoutDaemon(), health(), withDaemon()];

/** Time from the start of the Node process to the response. */
function withoutDaemon() {
  return {
    name: 'first call, no daemon',
    unit: 'ms',
    async setUp(ctx) {
      await ctx.runtime();
      ctx.referencePython();
    },
    measure: (_, ctx, run) =>
      runRotated(
        {
          'new process': async () => {
            await ctx.stopDaemon();
            return timeProgram(PROGRAM, ['port', ctx.options]);
          },
          'reference daemon': async () => {
            const options = {
              python: ctx.referencePython(),
              daemonFile,
              port: await findFreePort(),
              pollMs: POLL_INTERVAL_MS,
            };
            return timeProgram(PROGRAM, ['reference daemon', options]);
          },
        },
        run,
      ),
    tearDown: (_, ctx) => ctx.stopDaemon(),
    compare: [{ ours: 'new process', against: 'reference daemon', target: atMost(0.4) }],
  };
}

/** Minimal Python program that responds to one request. */
const MINIMAL = `
import os, socket
server = socket.socket(fileno=int(os.environ["KTX_DAEMON_LISTEN_FD"]))
client, _ = server.accept()
client.recv(65536)
client.sendall(b"HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\n{}")
client.recv(65536)
`;

/** Time from the start of the Python process to the response of `/health`. */
function health() {
  const serve = ['serve-http', '--host', '127.0.0.1', '--port', '0'];
  return {
    name: '/health of a new daemon',
    unit: 'ms',
    runs: 15,
    setUp: async (ctx) => (await ctx.runtime()).layout,
    measure({ daemonPath, pythonPath }, _, run) {
      const time = (command) => () => fastest(() => timeHealth(pythonPath, command));
      const minimal = [pythonPath, '-c', MINIMAL];
      return runRotated({ daemon: time([daemonPath, ...serve]), 'python -c with a socket': time(minimal) }, run);
    },
    compare: [{ ours: 'daemon', against: 'python -c with a socket', target: noTarget() }],
  };
}

async function timeHealth(python, command) {
  const args = [path.join(root, 'benches', 'programs', 'health.py'), ...command];
  return Number((await promisify(execFile)(python, args)).stdout);
}

/** Time from the first line of a program to the response of a warm daemon. */
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
      for (const client of ['port', ...others]) await runProgram(PROGRAM, [client, options]);
      return options;
    },
    measure(options, _, run) {
      const jobs = ['port', ...others].map((client) => [
        client,
        () => fastest(() => runProgram(PROGRAM, [client, options])),
      ]);
      return runRotated(Object.fromEntries(jobs), run);
    },
    compare: [
      { ours: 'port', against: 'fetch', target: atMost(1.5) },
      { ours: 'port', against: 'fetch with checks', target: atMost(1) },
      { ours: 'port', against: 'http.request', target: noTarget() },
    ],
  };
}
