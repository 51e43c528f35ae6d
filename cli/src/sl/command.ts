/** `ktx sl …`: the semantic layer of a project. */

import type { KtxSemanticQuery } from '@kaelio/ktx';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';
import { addRuntimeFlags, type RuntimeFlags, runtimeArgs } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';

interface ConnectionFlag {
  connectionId?: string;
}

interface QueryFlags extends RuntimeFlags, ConnectionFlag, ParsedTrustFlag {
  measure: string[];
  dimension?: string[];
  filter?: string[];
  segment?: string[];
  orderBy?: string[];
  limit?: number;
  format?: 'sql' | 'json';
  execute?: boolean;
  maxRows?: number;
}

const GRANULARITY = /^(?<field>.+):(?<granularity>minute|hour|day|week|month|quarter|year)$/;

/** Registers the group. */
export function registerSemanticCommands(program: Command, context: CommandContext): void {
  const sl = program.command('sl').description('the semantic layer: what the data means, and questions to it');
  registerList(sl, context);
  registerValidate(sl, context);
  registerGenerate(sl, context);
  registerQuery(sl, context);
}

function registerList(sl: Command, context: CommandContext): void {
  const { deps, io } = context;
  addConnectionFlag(addJsonFlag(sl.command('list')), 'all')
    .description('list the semantic sources')
    .action(async (flags: ConnectionFlag, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      context.exit(await deps.sl({ command: 'list', projectDir, ...connectionOf(flags), ...jsonFlag(command) }, io));
    });
}

function registerValidate(sl: Command, context: CommandContext): void {
  addConnectionFlag(addJsonFlag(addRuntimeFlags(sl.command('validate'))))
    .description('say everything that is wrong with semantic sources')
    .argument('[names...]', 'names of sources (default: all)')
    .action(async (names: string[], flags: RuntimeFlags & ConnectionFlag, command: Command) => {
      const args = { command: 'validate', ...(await commonArgs(flags, command, context)), names } as const;
      context.exit(await context.deps.sl(args, context.io));
    });
}

function registerGenerate(sl: Command, context: CommandContext): void {
  addConnectionFlag(addJsonFlag(addRuntimeFlags(sl.command('generate'))))
    .description('make semantic sources of the newest scan; edits by hand stay')
    .action(async (flags: RuntimeFlags & ConnectionFlag, command: Command) => {
      const args = { command: 'generate', ...(await commonArgs(flags, command, context)) } as const;
      context.exit(await context.deps.sl(args, context.io));
    });
}

function registerQuery(sl: Command, context: CommandContext): void {
  const query = addConnectionFlag(addJsonFlag(addTrustFlag(addRuntimeFlags(sl.command('query')))))
    .description('answer a question with SQL, or with rows')
    .requiredOption('--measure <measure>', 'orders.revenue or sum(orders.amount); may be repeated', collect)
    .option('--dimension <field>', 'customers.segment or orders.ordered_at:month; may be repeated', collect)
    .option('--filter <condition>', "orders.status != 'returned'; may be repeated", collect)
    .option('--segment <segment>', 'orders.paid; may be repeated', collect)
    .option('--order-by <field>', 'orders.revenue:desc; may be repeated', collect)
    .option('--limit <rows>', 'maximum rows of the answer (default: 1000)', positive)
    .addOption(new Option('--format <format>', 'what to print').choices(['sql', 'json']))
    .option('--execute', 'run the SQL on the connection, read-only, and print a table')
    .option('--max-rows <rows>', 'maximum rows to fetch with --execute (default: the limit)', positive);
  query.action(async (flags: QueryFlags, command: Command) => {
    const args = {
      command: 'query',
      ...(await commonArgs(flags, command, context)),
      query: queryOf(flags),
      execute: flags.execute ?? false,
      ...trustOf(flags),
      ...(flags.format === undefined ? {} : { format: flags.format }),
      ...(flags.maxRows === undefined ? {} : { maxRows: flags.maxRows }),
    } as const;
    context.exit(await context.deps.sl(args, context.io));
  });
}

/** The question that the flags ask; what was not given is absent. */
function queryOf(flags: QueryFlags): KtxSemanticQuery {
  const { measure: measures, dimension, filter: filters, segment: segments, orderBy, limit } = flags;
  return {
    measures,
    ...(dimension === undefined ? {} : { dimensions: dimension.map(dimensionOf) }),
    ...(filters === undefined ? {} : { filters }),
    ...(segments === undefined ? {} : { segments }),
    ...(orderBy === undefined ? {} : { order_by: orderBy }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function dimensionOf(text: string): string | { field: string; granularity: string } {
  const { field, granularity } = GRANULARITY.exec(text)?.groups ?? {};
  return field === undefined || granularity === undefined ? text : { field, granularity };
}

async function commonArgs(flags: RuntimeFlags & ConnectionFlag, command: Command, context: CommandContext) {
  return { ...(await runtimeArgs(flags, command, context)), ...connectionOf(flags), ...jsonFlag(command) };
}

function addConnectionFlag(command: Command, byDefault = 'the only one of the project'): Command {
  return command.option('--connection-id <id>', `connection in ktx.yaml (default: ${byDefault})`);
}

function connectionOf({ connectionId }: ConnectionFlag): ConnectionFlag {
  return connectionId === undefined ? {} : { connectionId };
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function positive(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, 1 or more.');
}
