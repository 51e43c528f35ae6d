/** `ktx scan …` and its alias `ktx dev scan …`: their flags. */

import type { KtxScanMode } from '@kaelio/ktx';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addIntrospectionUrlFlag, type IntrospectionFlags, ingestArgs } from '../flags/daemon-url.js';
import { outputOf } from '../flags/format.js';
import { rejectGroupFlags } from '../flags/group.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';
import { parseRowCount } from '../flags/row-limit.js';
import { addRuntimeFlags, type RuntimeFlags } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';
import { registerRunQueries } from '../runs/command.js';

interface ScanFlags extends RuntimeFlags, IntrospectionFlags, ParsedTrustFlag {
  profile?: true;
  relationships?: true;
  dryRun?: boolean;
}

/** Registers the group below `parent`. */
export function registerScanCommands(parent: Command, context: CommandContext): void {
  const scan = parent
    .command('scan')
    .summary('read the schema of a database and report what changed')
    .description('read the schema of a connection into the project and report what changed');
  registerRun(scan, context);
  registerPrune(scan, context);
  registerRunQueries(
    scan,
    'scan',
    context,
    (query, command) => context.deps.scan({ ...query, ...outputOf(command) }, context.io),
    (command) => rejectGroupFlags(scan, command, ['json']),
  );
}

function registerRun(scan: Command, context: CommandContext): void {
  addJsonFlag(addTrustFlag(addRuntimeFlags(addIntrospectionUrlFlag(scan))))
    .argument('[connectionId]', 'connection in ktx.yaml (default: the only database)')
    .option('--profile', 'profile the tables as well: nulls, distinct values, ranges and frequent values')
    .option('--relationships', 'profile the tables, and detect keys and relationships')
    .option('--dry-run', 'report changes without staging them')
    .action(async (connectionId: string | undefined, flags: ScanFlags, command: Command) => {
      const args = {
        command: 'run',
        ...(await ingestArgs(flags, command, context)),
        ...(connectionId === undefined ? {} : { connectionId }),
        mode: modeOf(flags),
        detectRelationships: flags.relationships ?? false,
        dryRun: flags.dryRun ?? false,
        ...trustOf(flags),
        ...jsonFlag(command),
      } as const;
      context.exit(await context.deps.scan(args, context.io));
    });
}

function registerPrune(scan: Command, context: CommandContext): void {
  addJsonFlag(scan.command('prune'))
    .description('remove the files of old scans')
    .argument('[connectionId]', 'connection in ktx.yaml (default: all)')
    .addOption(
      new Option('--keep <n>', 'scans that each environment of a connection keeps')
        .argParser(parseRowCount)
        .makeOptionMandatory(),
    )
    .option('--dry-run', 'list what would be removed, and remove nothing')
    .option('--yes', 'remove them')
    .action(async (connectionId: string | undefined, { keep }: { keep: number }, command: Command) => {
      rejectGroupFlags(scan, command, ['json', 'dryRun', 'yes']);
      // commander assigns the flags that the group has as well to the group.
      const { dryRun = false, yes = false } = command.optsWithGlobals<{ dryRun?: boolean; yes?: boolean }>();
      const args = {
        command: 'prune',
        projectDir: await projectDirOf(command, context.io),
        ...(connectionId === undefined ? {} : { connectionId }),
        keep,
        dryRun,
        yes,
        ...jsonFlag(command),
      } as const;
      context.exit(await context.deps.scan(args, context.io));
    });
}

function modeOf({ profile, relationships }: ScanFlags): KtxScanMode {
  if (relationships) return 'relationships';
  return profile ? 'enriched' : 'structural';
}
