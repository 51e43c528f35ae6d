/** `ktx scan …`, and the same as `ktx dev scan …`. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { CliError } from '../errors.js';
import { addIntrospectionUrlFlag, type IntrospectionFlags, ingestArgs } from '../flags/daemon-url.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { addRuntimeFlags, type RuntimeFlags } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';
import { registerRunQueries } from '../runs/command.js';

interface ScanFlags extends RuntimeFlags, IntrospectionFlags, ParsedTrustFlag {
  dryRun?: boolean;
}

/** Registers the group below `parent`. */
export function registerScanCommands(parent: Command, context: CommandContext): void {
  const scan = parent
    .command('scan')
    .description('read the schema of a connection into the project and say what changed');
  registerRun(scan, context);
  registerRunQueries(
    scan,
    'scan',
    context,
    (query, command) => context.deps.scan({ ...query, ...jsonFlag(command) }, context.io),
    (command) => refuseScanFlags(scan, command),
  );
}

function registerRun(scan: Command, context: CommandContext): void {
  addJsonFlag(addTrustFlag(addRuntimeFlags(addIntrospectionUrlFlag(scan))))
    .argument('<connectionId>', 'connection in ktx.yaml')
    .option('--dry-run', 'only say what changed: stage nothing')
    .action(async (connectionId: string, flags: ScanFlags, command: Command) => {
      const args = {
        command: 'run',
        ...(await ingestArgs(flags, command, context)),
        connectionId,
        mode: 'structural',
        detectRelationships: false,
        dryRun: flags.dryRun ?? false,
        ...trustOf(flags),
        ...jsonFlag(command),
      } as const;
      context.exit(await context.deps.scan(args, context.io));
    });
}

/** The parser gives a flag that `scan` knows to `scan`, wherever it stands; for its subcommands it is a mistake. */
function refuseScanFlags(scan: Command, subcommand: Command): void {
  const flag = scan.options.find((option) => {
    const name = option.attributeName();
    return name !== 'json' && scan.getOptionValueSource(name) === 'cli';
  });
  if (flag === undefined) return;
  const help = `See how to call it with: ktx scan ${subcommand.name()} --help`;
  throw new CliError('KTX_ARGUMENT_INVALID', `unknown option '${flag.long}'`, help);
}
