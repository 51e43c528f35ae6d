/** `ktx runtime …`: its flags. */

import { resolve } from 'node:path';
import type { KtxRuntimeFeature } from '@kaelio/ktx';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';
import { addRuntimeFlags, type RuntimeFlags, runtimeInstallPolicy } from '../flags/runtime.js';
import { workingDirOf } from '../terminal/io.js';
import type { KtxRuntimeArgs } from './run.js';

/** Features of the runtime, in the order of the help. */
const FEATURES: readonly KtxRuntimeFeature[] = [
  ...(['core', 'local-embeddings', 'bigquery', 'clickhouse', 'duckdb'] as const),
  ...(['snowflake', 'spark', 'spark-connect', 'sqlalchemy'] as const),
];

interface InstallFlags extends RuntimeFlags {
  feature: KtxRuntimeFeature;
  force?: boolean;
}

/** Registers the group. */
export function registerRuntimeCommands(program: Command, context: CommandContext): void {
  const runtime = program.command('runtime').description('manage the private Python runtime and its daemon');
  const cliVersion = context.deps.cliVersion;
  const run = async (args: KtxRuntimeArgs) => context.exit(await context.deps.runtime(args, context.io));

  addJsonFlag(addInstallFlags(runtime.command('install')))
    .description('install the runtime from the bundled wheel')
    .action(async (flags: InstallFlags, command: Command) => {
      await runtimeInstallPolicy(flags);
      const { feature, force = false } = flags;
      await run({ command: 'install', cliVersion, feature, force, ...jsonFlag(command) });
    });

  addJsonFlag(runtime.command('status'))
    .description('show the installed runtime and the state of the daemon')
    .action((_: unknown, command: Command) => run({ command: 'status', cliVersion, ...jsonFlag(command) }));

  addFormatFlag(runtime.command('doctor'))
    .description('check the installer, the bundled wheel and the installed runtime')
    .option('--bundle [file]', 'write a file with diagnostics for a bug report (default: ./ktx-bundle-VERSION.zip)')
    .action(async ({ bundle }: { bundle?: string | true }, command: Command) => {
      const common = { command: 'doctor', cliVersion, ...outputOf(command) } as const;
      await run(bundle === undefined ? common : { ...common, bundle: await bundleArgs(bundle, command, context) });
    });

  addJsonFlag(addInstallFlags(runtime.command('start')))
    .description('start the daemon, or reuse the running one')
    .action(async (flags: InstallFlags, command: Command) => {
      const installPolicy = await runtimeInstallPolicy(flags);
      const { feature, force = false } = flags;
      await run({ command: 'start', cliVersion, installPolicy, feature, force, ...jsonFlag(command) });
    });

  addFormatFlag(runtime.command('stop'))
    .description('stop the daemon')
    .option('--all', 'stop every daemon of every version of this user')
    .action((flags: { all?: boolean }, command: Command) =>
      run({ command: 'stop', cliVersion, all: flags.all ?? false, ...outputOf(command) }),
    );

  runtime
    .command('logs')
    .description("show the daemon's log")
    .option('-f, --follow', 'keep printing new lines until interrupted')
    .action((flags: { follow?: boolean }) => run({ command: 'logs', cliVersion, follow: flags.follow ?? false }));

  addJsonFlag(runtime.command('prune'))
    .description('remove the runtimes of other versions')
    .option('--dry-run', 'list what would be removed, and remove nothing')
    .option('--yes', 'remove them')
    .action((flags: { dryRun?: boolean; yes?: boolean }, command: Command) => {
      const { dryRun = false, yes = false } = flags;
      return run({ command: 'prune', cliVersion, dryRun, yes, ...jsonFlag(command) });
    });
}

/** File of the bundle, and the project that it describes if the command runs in one. */
async function bundleArgs(bundle: string | true, command: Command, { io, deps }: CommandContext) {
  const name = bundle === true ? `ktx-bundle-${deps.cliVersion}.zip` : bundle;
  const file = resolve(workingDirOf(io), name);
  const projectDir = await projectDirOf(command, io).catch(() => undefined);
  return projectDir === undefined ? { file } : { file, projectDir };
}

function addInstallFlags(command: Command): Command {
  const feature = new Option('--feature <feature>', 'feature of the runtime').choices(FEATURES);
  return addRuntimeFlags(
    command.addOption(feature.default('core')).option('--force', 'reinstall or restart even if it is up to date'),
  );
}
