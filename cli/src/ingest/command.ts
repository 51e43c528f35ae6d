/** `ktx ingest …` and its alias `ktx dev ingest …`: their flags. */

import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addIntrospectionUrlFlag, type IntrospectionFlags, ingestArgs } from '../flags/daemon-url.js';
import { outputOf } from '../flags/format.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { resolveDir } from '../flags/project-dir.js';
import { addRuntimeFlags, type RuntimeFlags } from '../flags/runtime.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';
import { registerRunQueries } from '../runs/command.js';
import type { KtxIngestOutputMode } from './run.js';

interface IngestFlags extends RuntimeFlags, IntrospectionFlags, ParsedTrustFlag {
  connectionId?: string;
  adapter: string;
  sourceDir?: string;
}

/** Registers the group below `parent`. */
export function registerIngestCommands(parent: Command, context: CommandContext): void {
  const ingest = parent.command('ingest').description('pull a source into the project and report what changed');
  registerRun(ingest, context);
  registerRunQueries(ingest, 'run', context, (query, command) =>
    context.deps.ingest({ ...query, ...queryOutput(command) }, context.io),
  );
}

function registerRun(ingest: Command, context: CommandContext): void {
  const { deps, io } = context;
  addJsonFlag(addTrustFlag(addRuntimeFlags(addIntrospectionUrlFlag(ingest.command('run')))))
    .description('pull a source, stage it, and report what changed since the last sync')
    .option('--connection-id <id>', 'connection in ktx.yaml (default: the only one that the adapter can pull from)')
    .requiredOption('--adapter <adapter>', 'adapter of the source: live-database, looker or historic-sql')
    .option('--source-dir <dir>', 'read files staged earlier in that folder instead of pulling')
    .action(async (flags: IngestFlags, command: Command) => {
      const { connectionId, adapter, sourceDir } = flags;
      const args = {
        command: 'run',
        ...(await ingestArgs(flags, command, context)),
        ...(connectionId === undefined ? {} : { connectionId }),
        adapter,
        ...(sourceDir === undefined ? {} : { sourceDir: resolveDir('--source-dir', sourceDir, io) }),
        ...trustOf(flags),
        outputMode: outputMode(command),
      } as const;
      context.exit(await deps.ingest(args, io));
    });
}

function queryOutput(command: Command) {
  const { json, ...format } = outputOf(command);
  return { ...format, outputMode: json ? ('json' as const) : ('plain' as const) };
}

function outputMode(command: Command): KtxIngestOutputMode {
  return jsonFlag(command).json ? 'json' : 'plain';
}
