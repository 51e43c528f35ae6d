/** `ktx setup …`: its flags. */

import { join } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { explicitProjectDir } from '../flags/project-dir.js';
import { addRuntimeFlags, type RuntimeFlags, runtimeInstallPolicy } from '../flags/runtime.js';
import { workingDirOf } from '../terminal/io.js';

const DEMO_DIR = 'ktx-demo';

/** Registers the group. */
export function registerSetupCommands(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  const setup = program.command('setup').description('set up a demo project');

  addJsonFlag(addRuntimeFlags(setup.command('demo')))
    .description(
      `create a project with a sample warehouse (default: ./${DEMO_DIR}), scan it, and run analyses and a query`,
    )
    .action(async (flags: RuntimeFlags, command: Command) => {
      const installPolicy = await runtimeInstallPolicy(flags);
      const projectDir = explicitProjectDir(command, io) ?? join(workingDirOf(io), DEMO_DIR);
      const args = { command: 'demo', projectDir, cliVersion: deps.cliVersion, installPolicy } as const;
      context.exit(await deps.setup({ ...args, ...jsonFlag(command) }, io));
    });
}
