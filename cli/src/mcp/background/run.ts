/** Runs `ktx mcp …`: the MCP server of a project in the background. */

import * as addon from '@kaelio/ktx';
import { printResult } from '../../output/print.js';
import { showLogs } from '../../runtime/logs.js';
import { findToken } from '../../serve/token.js';
import type { CliIo } from '../../terminal/io.js';
import { createProgress, endProgress } from '../../terminal/progress.js';
import { styleOf } from '../../terminal/style.js';
import { startServer } from './start-server.js';
import * as view from './view.js';

interface CommonArgs {
  cliVersion: string;
  projectDir: string;
  json?: true;
}

/** Arguments of the group. */
export type KtxMcpArgs =
  | ({
      command: 'start';
      port: number;
      force: boolean;
      tokenFile?: string | undefined;
      serverFlags: string[];
    } & CommonArgs)
  | ({ command: 'stop' } & CommonArgs)
  | ({ command: 'status'; showToken: boolean } & CommonArgs)
  | ({ command: 'logs'; follow: boolean } & CommonArgs);

type ArgsOf<Name extends KtxMcpArgs['command']> = Extract<KtxMcpArgs, { command: Name }>;

/** Runs one command of the group. */
export async function runKtxMcp(args: KtxMcpArgs, io: CliIo): Promise<number> {
  switch (args.command) {
    case 'start':
      return start(args, io);
    case 'stop':
      return stop(args, io);
    case 'status':
      return status(args, io);
    case 'logs': {
      const { logFile } = await addon.readKtxMcpServerStatus(targetOf(args));
      return showLogs([logFile], args.follow, io);
    }
  }
}

function targetOf({ cliVersion, projectDir }: CommonArgs) {
  return { cliVersion, projectDir };
}

async function start(args: ArgsOf<'start'>, io: CliIo): Promise<number> {
  const { path, ...started } = await startServer(args, io);
  const result = { ...started, tokenFile: path };
  await printResult(io, args.json, result, () => view.renderStart(result, styleOf(io)));
  return 0;
}

async function stop(args: ArgsOf<'stop'>, io: CliIo): Promise<number> {
  const progress = createProgress(io);
  const onProgress = ({ message }: addon.RuntimeInstallProgress) => progress(message);
  const stopped = await addon.stopKtxMcpServer({ ...targetOf(args), onProgress });
  endProgress(io);
  await printResult(io, args.json, stopped, () => view.renderStop(stopped));
  return 0;
}

async function status(args: ArgsOf<'status'>, io: CliIo): Promise<number> {
  const found = await addon.readKtxMcpServerStatus(targetOf(args));
  const shown = { ...found, ...(await accessOf(args, found)) };
  await printResult(io, args.json, shown, () => view.renderStatus(shown, styleOf(io)));
  return 0;
}

/** Token file of a running server, and the token if it is to be shown. */
async function accessOf(args: ArgsOf<'status'>, { kind, server }: addon.KtxMcpServerStatus) {
  if (kind !== 'running' || server === undefined) return {};
  const { token, path: tokenFile } = await findToken(args, server.tokenFile);
  return args.showToken ? { tokenFile, token } : { tokenFile };
}
