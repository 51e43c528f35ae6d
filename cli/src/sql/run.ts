/** Runs `ktx sql`. */

import type { KtxManagedPythonInstallPolicy } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { findOnlyDatabase } from '../connection/only-connection.js';
import { type TrustFlag, trustOptions } from '../flags/trust.js';
import type { OutputOptions } from '../output/formats.js';
import { printWarnings } from '../output/print.js';
import { printSqlResult } from '../output/result-table.js';
import { managedDaemonOptions } from '../runtime/managed.js';
import { type CliIo, callOptions, environmentOption } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';
import { suggestingTables } from './near-tables.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxSqlArgs extends TrustFlag, OutputOptions {
  projectDir: string;
  sql: string;
  /** Default: the only database of the project. */
  connectionId?: string;
  /** Default: 1000. */
  maxRows?: number;
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
}

/** Functions of the addon that the command calls; tests may replace them. */
export type KtxSqlDeps = Partial<Pick<typeof addon, 'loadKtxProject' | 'executeKtxSql' | 'listKtxTables'>>;

/** Runs the statement, read-only, and prints its rows. */
export async function runKtxSql(args: KtxSqlArgs, io: CliIo, deps: KtxSqlDeps = {}): Promise<number> {
  const calls = { ...addon, ...deps };
  const project = await calls.loadKtxProject({ projectDir: args.projectDir, ...environmentOption(io) });
  printWarnings(io, project.warnings);
  const connectionId = args.connectionId ?? findOnlyDatabase(project);
  createProgress(io)(`Querying ${connectionId}`);
  const scanned = { projectDir: args.projectDir, connectionId, ...environmentOption(io) };
  const run = () =>
    calls.executeKtxSql({
      ...scanned,
      sql: args.sql,
      ...(args.maxRows === undefined ? {} : { maxRows: args.maxRows }),
      managedDaemon: managedDaemonOptions(args, io),
      ...trustOptions(args, io),
      ...callOptions(io),
    });
  const result = await suggestingTables(run, () => calls.listKtxTables(scanned));
  endProgress(io);
  await printSqlResult(io, args, result);
  return 0;
}
