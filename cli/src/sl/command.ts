/** `ktx sl …`: its flags. */

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
  const sl = program.command('sl').description('list, validate, generate and query semantic sources');
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
    .description('report every problem of semantic sources')
    .argument('[names...]', 'names of sources (default: all)')
    .action(async (names: string[], flags: RuntimeFlags & ConnectionFlag, command: Command) => {
      const args = { command: 'validate', ...(await commonArgs(flags, command, context)), names } as const;
      context.exit(await context.deps.sl(args, context.io));
    });
}

function registerGenerate(sl: Command, context: CommandContext): void {
  addConnectionFlag(addJsonFlag(addRuntimeFlags(sl.command('generate'))))
    .description('generate semantic sources from the newest scan; manual edits are preserved')
    .action(async (flags: RuntimeFlags & ConnectionFlag, command: Command) => {
      const args = { command: 'generate', ...(await commonArgs(flags, command, context)) } as const;
      context.exit(await context.deps.sl(args, context.io));
    });
}

function registerQuery(sl: Command, context: CommandContext): void {
  const query = addConnectionFlag(addJsonFlag(addTrustFlag(addRuntimeFlags(sl.command('query')))))
    .description('compile a semantic query to SQL, or run it')
    .requiredOption('--measure <measure>', 'orders.revenue or sum(orders.amount); may be repeated', collect)
    .option('--dimension <field>', 'customers.segment or orders.ordered_at:month; may be repeated', collect)
    .option('--filter <condition>', "orders.status != 'returned'; may be repeated", collect)
    .option('--segment <segment>', 'orders.paid; may be repeated', collect)
    .option('--order-by <field>', 'orders.revenue:desc; may be repeated', collect)
    .option('--limit <rows>', 'maximum rows of the result (default: 1000)', parsePositiveInteger)
    .addOption(new Option('--format <format>', 'what to print').choices(['sql', 'json']))
    .option('--execute', 'run the SQL on the connection, read-only, and print a table')
    .option('--max-rows <rows>', 'maximum rows to fetch with --execute (default: the limit)', parsePositiveInteger);
  query.action(async (flags: QueryFlags, command: Command) => {
    const args = {
      command: 'query',
      ...(await commonArgs(flags, command, context)),
      query: toQuery(flags),
      execute: flags.execute ?? false,
      ...trustOf(flags),
      ...(flags.format === undefined ? {} : { format: flags.format }),
      ...(flags.maxRows === undefined ? {} : { maxRows: flags.maxRows }),
    } as const;
    context.exit(await context.deps.sl(args, context.io));
  });
}

/** Converts the flags into a semantic query. */
function toQuery(flags: QueryFlags): KtxSemanticQuery {
  const { measure: measures, dimension, filter: filters, segment: segments, orderBy, limit } = flags;
  return {
    measures,
    ...(dimension === undefined ? {} : { dimensions: dimension.map(parseDimension) }),
    ...(filters === undefined ? {} : { filters }),
    ...(segments === undefined ? {} : { segments }),
    ...(orderBy === undefined ? {} : { order_by: orderBy }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function parseDimension(text: string): string | { field: string; granularity: string } {
  const { field, granularity } = GRANULARITY.exec(text)?.groups ?? {};
  return field === undefined || granularity === undefined ? text : { field, granularity };
}

async function commonArgs(flags: RuntimeFlags & ConnectionFlag, command: Command, context: CommandContext) {
  return { ...(await runtimeArgs(flags, command, context)), ...connectionOf(flags), ...jsonFlag(command) };
}

function addConnectionFlag(command: Command, defaultText = 'the only one of the project'): Command {
  return command.option('--connection-id <id>', `connection in ktx.yaml (default: ${defaultText})`);
}

function connectionOf({ connectionId }: ConnectionFlag): ConnectionFlag {
  return connectionId === undefined ? {} : { connectionId };
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

function parsePositiveInteger(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be an integer of at least 1.');
}
