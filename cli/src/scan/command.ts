/** `ktx scan …` and its alias `ktx dev scan …`: their flags. */

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
    .description('read the schema of a connection into the project and report what changed');
  registerRun(scan, context);
  registerRunQueries(
    scan,
    'scan',
    context,
    (query, command) => context.deps.scan({ ...query, ...jsonFlag(command) }, context.io),
    (command) => rejectScanFlags(scan, command),
  );
}

function registerRun(scan: Command, context: CommandContext): void {
  addJsonFlag(addTrustFlag(addRuntimeFlags(addIntrospectionUrlFlag(scan))))
    .argument('[connectionId]', 'connection in ktx.yaml (default: the only database)')
    .option('--dry-run', 'report changes without staging them')
    .action(async (connectionId: string | undefined, flags: ScanFlags, command: Command) => {
      const args = {
        command: 'run',
        ...(await ingestArgs(flags, command, context)),
        ...(connectionId === undefined ? {} : { connectionId }),
        mode: 'structural',
        detectRelationships: false,
        dryRun: flags.dryRun ?? false,
        ...trustOf(flags),
        ...jsonFlag(command),
      } as const;
      context.exit(await context.deps.scan(args, context.io));
    });
}

/** Rejects flags of `scan` on its subcommands: commander assigns known flags to `scan` at any position. */
function rejectScanFlags(scan: Command, subcommand: Command): void {
  const flag = scan.options.find((option) => {
    const name = option.attributeName();
    return name !== 'json' && scan.getOptionValueSource(name) === 'cli';
  });
  if (flag === undefined) return;
  const help = `See the usage with: ktx scan ${subcommand.name()} --help`;
  throw new CliError('KTX_ARGUMENT_INVALID', `unknown option '${flag.long}'`, help);
}
