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
import { registerRunQueries } from './run-queries.js';

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
  registerRunQueries(ingest, 'run', context, (query, command) =>
    context.deps.ingest({ ...query, outputMode: outputMode(command) }, context.io),
  );
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

function outputMode(command: Command): KtxIngestOutputMode {
  return jsonFlag(command).json ? 'json' : 'plain';
}
