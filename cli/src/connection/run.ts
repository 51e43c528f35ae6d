/** Runs `ktx connection list` and `ktx connection test`. */

import { type KtxManagedPythonInstallPolicy, type KtxProject, loadKtxProject, testKtxConnection } from '@kaelio/ktx';
import { type TrustFlag, trustOptions } from '../flags/trust.js';
import type { OutputOptions } from '../output/formats.js';
import { printResult, printTable, printWarnings } from '../output/print.js';
import { managedDaemonOptions } from '../runtime/managed.js';
import { type CliIo, callOptions } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';
import { connectionsTable, renderTest } from './view.js';

/** Arguments of the group; `projectDir` is absolute. */
export type KtxConnectionArgs =
  | ({ command: 'list'; projectDir: string } & OutputOptions)
  | ({
      command: 'test';
      projectDir: string;
      connectionId: string;
      cliVersion: string;
      installPolicy: KtxManagedPythonInstallPolicy;
      json?: true;
    } & TrustFlag);

/** Functions of the addon that the group calls; tests may replace them. */
export interface KtxConnectionDeps {
  loadKtxProject?: typeof loadKtxProject;
  testKtxConnection?: typeof testKtxConnection;
}

/** Runs one command of the group. */
export async function runKtxConnection(
  args: KtxConnectionArgs,
  io: CliIo,
  deps: KtxConnectionDeps = {},
): Promise<number> {
  const project = await (deps.loadKtxProject ?? loadKtxProject)({ projectDir: args.projectDir });
  printWarnings(io, project.warnings);
  await (args.command === 'list' ? list(args, io, project) : test(args, io, deps));
  return 0;
}

async function list(
  args: Extract<KtxConnectionArgs, { command: 'list' }>,
  io: CliIo,
  project: KtxProject,
): Promise<void> {
  const { projectDir, connections } = project;
  await printTable(io, args, { projectDir, connections }, () => connectionsTable(project));
}

async function test(
  args: Extract<KtxConnectionArgs, { command: 'test' }>,
  io: CliIo,
  deps: KtxConnectionDeps,
): Promise<void> {
  createProgress(io)(`Connecting to ${args.connectionId}`);
  const result = await (deps.testKtxConnection ?? testKtxConnection)({
    projectDir: args.projectDir,
    connectionId: args.connectionId,
    managedDaemon: managedDaemonOptions(args, io),
    ...trustOptions(args, io),
    ...callOptions(io),
  });
  endProgress(io);
  printWarnings(io, result.warnings ?? []);
  await printResult(io, args.json, result, () => renderTest(result));
}
