/** `ktx runtime …`: the managed Python runtime and its daemon. */

import { resolve } from 'node:path';
import type { KtxRuntimeFeature } from '@kaelio/ktx';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';
import { addRuntimeFlags, type RuntimeFlags, runtimeInstallPolicy } from '../flags/runtime.js';
import { workingDirOf } from '../terminal/io.js';
import type { KtxRuntimeArgs } from './run.js';

/** Parts of the runtime, in their order. */
const FEATURES: readonly KtxRuntimeFeature[] = ['core', 'local-embeddings', 'duckdb', 'sqlalchemy'];

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
    .description('show what is installed and whether the daemon runs')
    .action((_: unknown, command: Command) => run({ command: 'status', cliVersion, ...jsonFlag(command) }));

  addJsonFlag(runtime.command('doctor'))
    .description('check the installer, the bundled wheel and the installed runtime')
    .option('--bundle [file]', 'write what a bug report needs to a file (default: ./ktx-bundle-VERSION.zip)')
    .action(async ({ bundle }: { bundle?: string | true }, command: Command) => {
      const common = { command: 'doctor', cliVersion, ...jsonFlag(command) } as const;
      await run(bundle === undefined ? common : { ...common, bundle: await bundleOf(bundle, command, context) });
    });

  addJsonFlag(addInstallFlags(runtime.command('start')))
    .description('start the daemon, or reuse the one that runs')
    .action(async (flags: InstallFlags, command: Command) => {
      const installPolicy = await runtimeInstallPolicy(flags);
      const { feature, force = false } = flags;
      await run({ command: 'start', cliVersion, installPolicy, feature, force, ...jsonFlag(command) });
    });

  addJsonFlag(runtime.command('stop'))
    .description('stop the daemon')
    .option('--all', 'stop every daemon of every version of this user')
    .action((flags: { all?: boolean }, command: Command) =>
      run({ command: 'stop', cliVersion, all: flags.all ?? false, ...jsonFlag(command) }),
    );

  runtime
    .command('logs')
    .description("show the daemon's log")
    .option('-f, --follow', 'keep on showing what is added, until interrupted')
    .action((flags: { follow?: boolean }) => run({ command: 'logs', cliVersion, follow: flags.follow ?? false }));

  addJsonFlag(runtime.command('prune'))
    .description('remove the runtimes of other versions')
    .option('--dry-run', 'only show what would be removed')
    .option('--yes', 'remove them')
    .action((flags: { dryRun?: boolean; yes?: boolean }, command: Command) => {
      const { dryRun = false, yes = false } = flags;
      return run({ command: 'prune', cliVersion, dryRun, yes, ...jsonFlag(command) });
    });
}

/** Where the bundle goes, and the project that it describes, if the command runs in one. */
async function bundleOf(bundle: string | true, command: Command, { io, deps }: CommandContext) {
  const name = bundle === true ? `ktx-bundle-${deps.cliVersion}.zip` : bundle;
  const file = resolve(workingDirOf(io), name);
  const projectDir = await projectDirOf(command, io).catch(() => undefined);
  return projectDir === undefined ? { file } : { file, projectDir };
}

function addInstallFlags(command: Command): Command {
  const feature = new Option('--feature <feature>', 'part of the runtime').choices(FEATURES);
  return addRuntimeFlags(
    command.addOption(feature.default('core')).option('--force', 'do it even if all is well already'),
  );
}
