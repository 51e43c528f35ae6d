/** `ktx ingest …`, and the same as `ktx dev ingest …`. */

import type { Command } from 'commander';
import type { KtxIngestOutputMode } from '../ingest.js';
import {
  absoluteDir,
  addIntrospectionUrlFlag,
  addJsonFlag,
  addRuntimeFlags,
  type CommandContext,
  introspectionUrl,
  jsonFlag,
  projectDirOf,
  type RuntimeFlags,
  runtimeInstallPolicy,
} from './context.js';

interface IngestFlags extends RuntimeFlags {
  connectionId: string;
  adapter: string;
  sourceDir?: string;
  databaseIntrospectionUrl?: string;
}

/** Registers the group below `parent`. */
export function registerIngestCommands(parent: Command, context: CommandContext): void {
  const ingest = parent.command('ingest').description('pull a source into the project and say what changed');
  registerRun(ingest, context);
  registerStatus(ingest, context);
  registerReport(ingest, context);
}

function registerRun(ingest: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(addRuntimeFlags(addIntrospectionUrlFlag(ingest.command('run'))))
    .description('pull a source, stage it, and report what changed since the last sync')
    .requiredOption('--connection-id <id>', 'connection in ktx.yaml')
    .requiredOption('--adapter <adapter>', 'what pulls it: live-database, looker or historic-sql')
    .option('--source-dir <dir>', 'take what was staged in that folder before, in place of pulling it')
    .action(async (flags: IngestFlags, command: Command) => {
      const policy = await runtimeInstallPolicy(flags);
      const { connectionId, adapter, sourceDir } = flags;
      const args = {
        command: 'run',
        projectDir: await projectDirOf(command, io),
        connectionId,
        adapter,
        ...(sourceDir === undefined ? {} : { sourceDir: absoluteDir('--source-dir', sourceDir, io) }),
        ...introspectionUrl(flags),
        cliVersion: deps.cliVersion,
        runtimeInstallPolicy: policy,
        outputMode: outputMode(command),
      } as const;
      context.exit(await deps.ingest(args, io));
    });
}

function registerStatus(ingest: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(ingest.command('status'))
    .description('list the last runs, or show one')
    .argument('[run]', 'id of a run')
    .action(async (runId: string | undefined, _: unknown, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      const run = runId === undefined ? {} : { runId };
      context.exit(await deps.ingest({ command: 'status', projectDir, ...run, outputMode: outputMode(command) }, io));
    });
}

function registerReport(ingest: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(ingest.command('report'))
    .description('show everything that a run found')
    .argument('<run>', 'id of a run')
    .action(async (runId: string, _: unknown, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      context.exit(await deps.ingest({ command: 'report', projectDir, runId, outputMode: outputMode(command) }, io));
    });
}

function outputMode(command: Command): KtxIngestOutputMode {
  return jsonFlag(command).json ? 'json' : 'plain';
}
