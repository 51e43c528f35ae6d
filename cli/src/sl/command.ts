/** `ktx sl …`: its flags. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { CliError } from '../errors.js';
import { addConnectionFlag, type ConnectionFlag, connectionOf } from '../flags/connection.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';
import { addMaxRowsFlag, type MaxRowsFlag, maxRowsOf } from '../flags/row-limit.js';
import { addRuntimeFlags, type RuntimeFlags, runtimeArgs } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';
import { OUTPUT_FORMATS } from '../output/formats.js';
import { addQueryFlags, type QueryFlags, readQuery } from './query-flags.js';

interface QueryCommandFlags extends QueryFlags, RuntimeFlags, ConnectionFlag, ParsedTrustFlag, MaxRowsFlag {
  execute?: boolean;
  count?: true;
}

/** Registers the group. */
export function registerSemanticCommands(program: Command, context: CommandContext): void {
  const sl = program.command('sl').description('list, read, validate, generate and query semantic sources');
  registerList(sl, context);
  registerRead(sl, context);
  registerValidate(sl, context);
  registerGenerate(sl, context);
  registerQuery(sl, context);
  registerExplain(sl, context);
}

function registerList(sl: Command, context: CommandContext): void {
  const { deps, io } = context;
  addConnectionFlag(addFormatFlag(sl.command('list')), 'all')
    .description('list the semantic sources')
    .action(async (flags: ConnectionFlag, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      context.exit(await deps.sl({ command: 'list', projectDir, ...connectionOf(flags), ...outputOf(command) }, io));
    });
}

function registerRead(sl: Command, context: CommandContext): void {
  const { deps, io } = context;
  addConnectionFlag(addJsonFlag(sl.command('read')), 'the one that has the source')
    .description('print the file of a semantic source')
    .argument('<name>', 'name of the source')
    .action(async (name: string, flags: ConnectionFlag, command: Command) => {
      const args = { command: 'read', projectDir: await projectDirOf(command, io), name } as const;
      context.exit(await deps.sl({ ...args, ...connectionOf(flags), ...jsonFlag(command) }, io));
    });
}

function registerValidate(sl: Command, context: CommandContext): void {
  addConnectionFlag(addJsonFlag(addRuntimeFlags(sl.command('validate'))))
    .description('report every problem of semantic sources')
    .argument('[names...]', 'names of sources (default: all)')
    .action(async (names: string[], flags: RuntimeFlags & ConnectionFlag, command: Command) => {
      const args = { command: 'validate', ...(await commonArgs(flags, command, context)), names } as const;
      context.exit(await context.deps.sl(args, context.io));
    });
}

function registerGenerate(sl: Command, context: CommandContext): void {
  addConnectionFlag(addFormatFlag(addRuntimeFlags(sl.command('generate'))))
    .description('generate semantic sources from the newest scan; manual edits are preserved')
    .option('--all', 'list unchanged sources as well')
    .action(async (flags: RuntimeFlags & ConnectionFlag & { all?: true }, command: Command) => {
      const args = {
        command: 'generate',
        ...(await commonArgs(flags, command, context)),
        ...outputOf(command),
      } as const;
      context.exit(await context.deps.sl(flags.all ? { ...args, all: true } : args, context.io));
    });
}

function registerQuery(sl: Command, context: CommandContext): void {
  const slQuery = addConnectionFlag(addFormatFlag(addTrustFlag(addRuntimeFlags(sl.command('query'))), QUERY_FORMATS));
  addQueryFlags(slQuery.description('compile a semantic query to SQL, or run it')).option(
    '--execute',
    'run the SQL on the connection, read-only, and print a table',
  );
  slQuery.option('--count', 'with --execute: also print the number of all rows, without the limit');
  addMaxRowsFlag(slQuery, 'maximum rows to fetch with --execute (default: the limit)');
  slQuery.action(async (flags: QueryCommandFlags, command: Command) => {
    const { format, execute = false } = command.opts<{ format?: QueryFormat; execute?: boolean }>();
    if (isRowFormat(format) && !execute) {
      const message = `--format ${format} prints rows, which a query has with --execute only`;
      throw new CliError('KTX_ARGUMENT_INVALID', message, 'Add --execute to run the query');
    }
    if (flags.count && !execute) {
      const message = '--count counts the rows of a query, which it has with --execute only';
      throw new CliError('KTX_ARGUMENT_INVALID', message, 'Add --execute to run the query');
    }
    const query = await readQuery(flags, context.io);
    const args = {
      command: 'query',
      ...(await commonArgs(flags, command, context)),
      query,
      execute,
      ...(flags.count ? { count: flags.count } : {}),
      ...trustOf(flags),
      ...(format === 'sql' ? { format } : outputOf(command)),
      ...maxRowsOf(flags),
    } as const;
    context.exit(await context.deps.sl(args, context.io));
  });
}

function registerExplain(sl: Command, context: CommandContext): void {
  const slExplain = addConnectionFlag(addJsonFlag(addRuntimeFlags(sl.command('explain'))));
  addQueryFlags(slExplain.description('say how a semantic query is answered, without running it')).action(
    async (flags: QueryFlags & RuntimeFlags & ConnectionFlag, command: Command) => {
      const query = await readQuery(flags, context.io);
      const args = { command: 'explain', ...(await commonArgs(flags, command, context)), query } as const;
      context.exit(await context.deps.sl(args, context.io));
    },
  );
}

/** `sql` is the compiled statement; `json` the complete answer, also without `--execute`. */
const QUERY_FORMATS = ['sql', ...OUTPUT_FORMATS] as const;

type QueryFormat = (typeof QUERY_FORMATS)[number];

function isRowFormat(format: QueryFormat | undefined): boolean {
  return format !== undefined && format !== 'sql' && format !== 'json';
}

async function commonArgs(flags: RuntimeFlags & ConnectionFlag, command: Command, context: CommandContext) {
  return { ...(await runtimeArgs(flags, command, context)), ...connectionOf(flags), ...jsonFlag(command) };
}
