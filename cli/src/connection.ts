/** `ktx connection …`. */

import {
  type KtxConnectionTest,
  type KtxManagedPythonInstallPolicy,
  type KtxProject,
  loadKtxProject,
  testKtxConnection,
} from '@kaelio/ktx';
import type { CliIo } from './io.js';
import { managedDaemonOptions } from './managed-runtime.js';
import { count, printResult, printWarnings } from './output.js';
import { endProgress, progressOn } from './progress.js';
import { styleOf } from './style.js';
import { renderTable } from './table.js';
import { type TrustFlag, trustOptions } from './trust.js';

/** Arguments of the group; `projectDir` is absolute. */
export type KtxConnectionArgs =
  | { command: 'list'; projectDir: string; json?: true }
  | ({
      command: 'test';
      projectDir: string;
      connectionId: string;
      cliVersion: string;
      installPolicy: KtxManagedPythonInstallPolicy;
      json?: true;
    } & TrustFlag);

/** What the group calls of the addon. */
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

async function list(args: KtxConnectionArgs, io: CliIo, project: KtxProject): Promise<void> {
  const { connections } = project;
  await printResult(io, args.json, { projectDir: project.projectDir, connections }, () => {
    if (connections.length === 0) return `No connections yet: add one to ${project.configPath}\n`;
    const columns = [{ title: 'CONNECTION' }, { title: 'DRIVER' }, { title: 'ACCESS' }, { title: 'TARGET' }];
    const rows = connections.map(({ id, driver, readonly, target }) => [
      id,
      driver,
      readonly ? 'read-only' : 'not read-only',
      target,
    ]);
    return renderTable(columns, rows, styleOf(io));
  });
}

async function test(
  args: Extract<KtxConnectionArgs, { command: 'test' }>,
  io: CliIo,
  deps: KtxConnectionDeps,
): Promise<void> {
  progressOn(io)(`Connecting to ${args.connectionId}`);
  const result = await (deps.testKtxConnection ?? testKtxConnection)({
    projectDir: args.projectDir,
    connectionId: args.connectionId,
    managedDaemon: managedDaemonOptions(args, io),
    ...trustOptions(args, io),
    ...(io.signal === undefined ? {} : { signal: io.signal }),
  });
  endProgress(io);
  printWarnings(io, result.warnings ?? []);
  await printResult(
    io,
    args.json,
    result,
    () => `Connected to ${result.connectionId} (${result.driver}): ${seen(result)}\n`,
  );
}

function seen({ tableCount, modelCount, exploreCount }: KtxConnectionTest): string {
  if (modelCount === undefined || exploreCount === undefined) return count(tableCount, 'table');
  return `${count(modelCount, 'model')}, ${count(exploreCount, 'explore')}`;
}
