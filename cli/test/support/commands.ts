/** Arguments that the command line passes to the command groups. */

import { runKtxCli } from '../../src/cli.js';
import { defaultCommands } from '../../src/deps.js';
import { makeIo } from './io.js';

type Group = keyof typeof defaultCommands;

/** The exit code and output of an invocation, and the arguments that each group was called with. */
export interface Routed {
  code: number;
  stdout: string;
  stderr: string;
  calls: { group: Group; args: unknown }[];
}

/** Runs a command line of which no group does anything; its version is `0.2.0`. */
export async function route(argv: string[], io: Parameters<typeof makeIo>[0] = {}): Promise<Routed> {
  const calls: Routed['calls'] = [];
  const record = (group: Group) => async (args: unknown) => {
    calls.push({ group, args });
    return 0;
  };
  const groups = Object.fromEntries((Object.keys(defaultCommands) as Group[]).map((name) => [name, record(name)]));
  const testIo = makeIo(io);
  const code = await runKtxCli(argv, testIo.io, { cliVersion: '0.2.0', ...groups });
  return { code, stdout: testIo.stdout(), stderr: testIo.stderr(), calls };
}
