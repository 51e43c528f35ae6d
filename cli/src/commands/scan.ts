/** `ktx scan …`, and the same as `ktx dev scan …`. */

import type { Command } from 'commander';
import { CliError } from '../errors.js';
import {
  addJsonFlag,
  addRuntimeFlags,
  type CommandContext,
  jsonFlag,
  projectDirOf,
  type RuntimeFlags,
  runtimeInstallPolicy,
} from './context.js';

interface ScanFlags extends RuntimeFlags {
  dryRun?: boolean;
  databaseIntrospectionUrl?: string;
}

/** Registers the group below `parent`. */
export function registerScanCommands(parent: Command, context: CommandContext): void {
  const scan = parent
    .command('scan')
    .description('read the schema of a connection into the project and say what changed');
  registerRun(scan, context);
  registerStatus(scan, context);
  registerReport(scan, context);
}

function registerRun(scan: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(addRuntimeFlags(scan))
    .argument('<connectionId>', 'connection in ktx.yaml')
    .option('--dry-run', 'only say what changed: stage nothing')
    .option('--database-introspection-url <url>', 'daemon to read the schema through, in place of the managed one')
    .action(async (connectionId: string, flags: ScanFlags, command: Command) => {
      const runtimePolicy = await runtimeInstallPolicy(flags);
      const { databaseIntrospectionUrl } = flags;
      const args = {
        command: 'run',
        projectDir: await projectDirOf(command, io),
        connectionId,
        mode: 'structural',
        detectRelationships: false,
        dryRun: flags.dryRun ?? false,
        ...(databaseIntrospectionUrl === undefined
          ? {}
          : { databaseIntrospectionUrl: httpUrl(databaseIntrospectionUrl) }),
        cliVersion: deps.cliVersion,
        runtimeInstallPolicy: runtimePolicy,
        ...jsonFlag(command),
      } as const;
      context.exit(await deps.scan(args, io));
    });
}

// The addon checks it as well, but knows the option under its own name only.
function httpUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text;
  const message = '--database-introspection-url is not an http or https URL';
  throw new CliError('KTX_HTTP_URL_INVALID', message, 'Set it to one such as http://127.0.0.1:8765, or leave it out');
}

function registerStatus(scan: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(scan.command('status'))
    .description('list the last scans, or show one')
    .argument('[run]', 'id of a run')
    .action(async (runId: string | undefined, _: unknown, command: Command) => {
      refuseScanFlags(scan, command);
      const projectDir = await projectDirOf(command, io);
      const run = runId === undefined ? {} : { runId };
      context.exit(await deps.scan({ command: 'status', projectDir, ...run, ...jsonFlag(command) }, io));
    });
}

function registerReport(scan: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(scan.command('report'))
    .description('show everything that a scan found')
    .argument('<run>', 'id of a run')
    .action(async (runId: string, _: unknown, command: Command) => {
      refuseScanFlags(scan, command);
      const projectDir = await projectDirOf(command, io);
      context.exit(await deps.scan({ command: 'report', projectDir, runId, ...jsonFlag(command) }, io));
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
