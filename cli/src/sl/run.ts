/** Runs `ktx sl …`. */

import type {
  KtxManagedPythonInstallPolicy,
  KtxProject,
  KtxSemanticOptions,
  KtxSemanticQuery,
  KtxSemanticQueryResult,
} from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { findOnlyDatabase } from '../connection/only-connection.js';
import { type TrustFlag, trustOptions } from '../flags/trust.js';
import { printResult, printWarnings } from '../output/print.js';
import { renderResult } from '../output/result-table.js';
import { managedDaemonOptions } from '../runtime/managed.js';
import { type CliIo, callOptions, environmentOption } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';
import { styleOf } from '../terminal/style.js';
import { renderGeneration, renderSources, renderValidation } from './view.js';

interface CommonArgs {
  /** Absolute. */
  projectDir: string;
  /** Default: the only database of the project. */
  connectionId?: string;
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
  json?: true;
}

interface QueryArgs extends CommonArgs, TrustFlag {
  command: 'query';
  query: KtxSemanticQuery;
  execute: boolean;
  format?: 'sql' | 'json';
  maxRows?: number;
}

/** Arguments of the group. */
export type KtxSlArgs =
  | { command: 'list'; projectDir: string; connectionId?: string; json?: true }
  | (CommonArgs & { command: 'validate'; names: string[] })
  | (CommonArgs & { command: 'generate' })
  | QueryArgs;

/** Functions of the addon that the group calls; tests may replace them. */
export type KtxSlDeps = Partial<
  Pick<
    typeof addon,
    | 'loadKtxProject'
    | 'listKtxSemanticSources'
    | 'validateKtxSemanticSources'
    | 'generateKtxSemanticSources'
    | 'runKtxSemanticQuery'
  >
>;

/** Runs one command of the group; the exit code is 1 if sources are invalid. */
export async function runKtxSl(args: KtxSlArgs, io: CliIo, deps: KtxSlDeps = {}): Promise<number> {
  const calls = { ...addon, ...deps };
  const project = await calls.loadKtxProject({ projectDir: args.projectDir, ...environmentOption(io) });
  printWarnings(io, project.warnings);
  switch (args.command) {
    case 'list':
      return list(args, io, calls);
    case 'validate':
      return validate(args, project, io, calls);
    case 'generate':
      return generate(args, project, io, calls);
    case 'query':
      return query(args, project, io, calls);
  }
}

type Calls = Required<KtxSlDeps>;

async function list(args: Extract<KtxSlArgs, { command: 'list' }>, io: CliIo, calls: Calls): Promise<number> {
  const { projectDir, connectionId, json } = args;
  const sources = await calls.listKtxSemanticSources({
    projectDir,
    ...(connectionId === undefined ? {} : { connectionId }),
    ...environmentOption(io),
  });
  await printResult(io, json, { sources }, () => renderSources(sources, styleOf(io)));
  return 0;
}

async function validate(
  args: Extract<KtxSlArgs, { command: 'validate' }>,
  project: KtxProject,
  io: CliIo,
  calls: Calls,
): Promise<number> {
  const options = semanticOptions(args, project, io);
  createProgress(io)(`Checking the semantic sources of ${options.connectionId}`);
  const validation = await calls.validateKtxSemanticSources({
    ...options,
    ...(args.names.length === 0 ? {} : { names: args.names }),
  });
  endProgress(io);
  await printResult(io, args.json, validation, () => renderValidation(validation, styleOf(io)));
  return validation.valid ? 0 : 1;
}

async function generate(args: CommonArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const options = semanticOptions(args, project, io);
  createProgress(io)(`Generating semantic sources of ${options.connectionId}`);
  const generation = await calls.generateKtxSemanticSources(options);
  endProgress(io);
  await printResult(io, args.json, generation, () => renderGeneration(generation, styleOf(io)));
  return 0;
}

async function query(args: QueryArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const options = semanticOptions(args, project, io);
  createProgress(io)(`Querying ${options.connectionId}`);
  const answer = await calls.runKtxSemanticQuery({
    ...options,
    query: args.query,
    execute: args.execute,
    ...(args.execute ? trustOptions(args, io) : {}),
    ...(args.maxRows === undefined ? {} : { maxRows: args.maxRows }),
  });
  endProgress(io);
  const json = args.json === true || args.format === 'json';
  await printResult(io, json, answer, () => renderAnswer(answer, args, io));
  // The limit is visible in the SQL and in the footer of the rows.
  const { warnings, limit_warning: limitWarning } = answer.plan;
  if (!json)
    printWarnings(
      io,
      warnings.filter((warning) => warning !== limitWarning),
    );
  return 0;
}

async function renderAnswer({ sql, result }: KtxSemanticQueryResult, args: QueryArgs, io: CliIo): Promise<string> {
  const parts = [
    ...(result === undefined || args.format === 'sql' ? [`${sql}\n`] : []),
    ...(result === undefined ? [] : [await renderResult(result, io)]),
  ];
  return parts.join('\n');
}

/** Options of the addon: the connection, and the managed daemon. */
function semanticOptions(args: CommonArgs, project: KtxProject, io: CliIo): KtxSemanticOptions {
  return {
    projectDir: args.projectDir,
    connectionId: args.connectionId ?? findOnlyDatabase(project),
    managedDaemon: managedDaemonOptions(args, io),
    ...callOptions(io),
  };
}
