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
import { CliError } from '../errors.js';
import { type TrustFlag, trustOptions } from '../flags/trust.js';
import { escapeControlCharacters } from '../output/control-characters.js';
import type { OutputOptions, RowFormat } from '../output/formats.js';
import { printResult, printTable, printWarnings } from '../output/print.js';
import { printSqlResult } from '../output/result-table.js';
import { pluralize } from '../output/text.js';
import { managedDaemonOptions } from '../runtime/managed.js';
import { type CliIo, callOptions, environmentOption } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';
import { styleOf } from '../terminal/style.js';
import { explain } from './explain.js';
import { listMetrics } from './metrics.js';
import { generationTable, renderExplanation, renderMetric, renderValidation, sourcesTable } from './view.js';

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
  /** Also count all rows; needs `execute`. */
  count?: true;
  /** `sql` prints the SQL also above a table of rows; a format of rows needs `execute`. */
  format?: 'sql' | RowFormat;
  maxRows?: number;
}

interface ReadArgs {
  command: 'read';
  projectDir: string;
  name: string;
  /** Default: the only one that has the source. */
  connectionId?: string;
  json?: true;
}

interface GenerateArgs extends CommonArgs {
  command: 'generate';
  /** List unchanged sources as well. */
  all?: true;
  format?: RowFormat;
}

/** Arguments of the group. */
export type KtxSlArgs =
  | ({ command: 'list'; projectDir: string; connectionId?: string } & OutputOptions)
  | ReadArgs
  | (CommonArgs & { command: 'validate'; names: string[] })
  | GenerateArgs
  | (CommonArgs & { command: 'explain'; query: KtxSemanticQuery })
  | QueryArgs;

/** Functions of the addon that the group calls; tests may replace them. */
export type KtxSlDeps = Partial<
  Pick<
    typeof addon,
    | 'loadKtxProject'
    | 'listKtxSemanticSources'
    | 'readKtxSemanticModel'
    | 'readKtxSemanticSource'
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
    case 'read':
      return read(args, project, io, calls);
    case 'validate':
      return validate(args, project, io, calls);
    case 'generate':
      return generate(args, project, io, calls);
    case 'query':
      return query(args, project, io, calls);
    case 'explain':
      return explainQuery(args, project, io, calls);
  }
}

type Calls = Required<KtxSlDeps>;

async function list(args: Extract<KtxSlArgs, { command: 'list' }>, io: CliIo, calls: Calls): Promise<number> {
  const { projectDir, connectionId } = args;
  const sources = await calls.listKtxSemanticSources({
    projectDir,
    ...(connectionId === undefined ? {} : { connectionId }),
    ...environmentOption(io),
  });
  const listed = await listMetrics(() => calls.readKtxSemanticModel({ projectDir, ...environmentOption(io) }));
  const { metrics, error } = listed;
  const json = { sources, metrics, ...(error === undefined ? {} : { metricsError: error }) };
  await printTable(io, args, json, (style) => sourcesTable(sources, listed, style));
  return 0;
}

async function read(args: ReadArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const { projectDir, name } = args;
  const found = args.connectionId ?? (await findConnectionOf(name, project, calls));
  const metric = found === undefined ? await findMetric(name, projectDir, io, calls) : undefined;
  if (metric !== undefined) {
    await printResult(io, args.json, metric, () => renderMetric(metric, styleOf(io)));
    return 0;
  }
  const connectionId = found ?? findOnlyDatabase(project);
  const file = await calls.readKtxSemanticSource({ projectDir, connectionId, name });
  const text = io.stdout.isTTY ? escapeControlCharacters(file.text) : file.text;
  await printResult(io, args.json, file, () => text);
  return 0;
}

/** The metric of that name, if there is one. */
async function findMetric(name: string, projectDir: string, io: CliIo, calls: Calls) {
  const { metrics } = await calls.readKtxSemanticModel({ projectDir, ...environmentOption(io) });
  return metrics.find((metric) => metric.name === name);
}

/** The connection that has a source of that name. Errors: several have one. */
async function findConnectionOf(name: string, project: KtxProject, calls: Calls): Promise<string | undefined> {
  const all = await calls.listKtxSemanticSources({ projectDir: project.projectDir });
  const ids = [...new Set(all.filter((source) => source.name === name).map(({ connectionId }) => connectionId))];
  if (ids.length > 1) {
    const message = `Several connections have a semantic source ${name}: ${ids.join(', ')}`;
    throw new CliError('KTX_ARGUMENT_INVALID', message, 'Choose one of them with --connection-id ID');
  }
  return ids[0];
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

async function generate(args: GenerateArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const options = semanticOptions(args, project, io);
  createProgress(io)(`Generating semantic sources of ${options.connectionId}`);
  const generation = await calls.generateKtxSemanticSources(options);
  endProgress(io);
  const all = args.all ?? args.format !== undefined;
  await printTable(io, args, generation, (style) => generationTable(generation, all, style));
  return 0;
}

async function query(args: QueryArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const options = semanticOptions(args, project, io);
  createProgress(io)(`Querying ${options.connectionId}`);
  const answer = await calls.runKtxSemanticQuery({
    ...options,
    query: args.query,
    execute: args.execute,
    ...(args.count === undefined ? {} : { count: args.count }),
    ...(args.execute ? trustOptions(args, io) : {}),
    ...(args.maxRows === undefined ? {} : { maxRows: args.maxRows }),
  });
  endProgress(io);
  await printAnswer(answer, args, io);
  if (args.count && !args.json) io.stderr.write(`${countOf(answer)}\n`);
  // The limit is visible in the SQL and in the footer of the rows.
  const { warnings, limit_warning: limitWarning } = answer.plan;
  if (!args.json)
    printWarnings(
      io,
      warnings.filter((warning) => warning !== limitWarning),
    );
  return 0;
}

function countOf({ totalRows }: KtxSemanticQueryResult): string {
  if (totalRows === undefined) return 'The rows of this query cannot be counted without all of them';
  return `${pluralize(totalRows, 'row')} in all`;
}

async function explainQuery(
  args: Extract<KtxSlArgs, { command: 'explain' }>,
  project: KtxProject,
  io: CliIo,
  calls: Calls,
): Promise<number> {
  const options = semanticOptions(args, project, io);
  createProgress(io)(`Planning a query on ${options.connectionId}`);
  const answer = await calls.runKtxSemanticQuery({ ...options, query: args.query });
  endProgress(io);
  await printResult(io, args.json, answer, () => renderExplanation(explain(answer), answer.sql, styleOf(io)));
  return 0;
}

async function printAnswer(answer: KtxSemanticQueryResult, { json, format }: QueryArgs, io: CliIo): Promise<void> {
  const { sql, result } = answer;
  if (json || result === undefined) return printResult(io, json, answer, () => `${sql}\n`);
  if (format === 'sql') io.stdout.write(`${sql}\n\n`);
  await printSqlResult(io, format === undefined || format === 'sql' ? {} : { format }, result);
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
