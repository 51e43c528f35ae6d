/** `ktx open`: its flags. */

import { realpath } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addJsonFlag, jsonFlag } from '../flags/json.js';
import { projectDirOf } from '../flags/project-dir.js';
import { addTrustFlag, type ParsedTrustFlag, trustOf } from '../flags/trust.js';

/** Registers the command. */
export function registerOpenCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  addTrustFlag(addJsonFlag(program.command('open')))
    .description('look at the project in a browser; as files: ktx docs build')
    .option('--no-browser', 'print the URL, which opens the page once, in place of starting a browser')
    .action(async ({ browser, ...flags }: { browser: boolean } & ParsedTrustFlag, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      const args = {
        cliVersion: deps.cliVersion,
        projectDir: await realpath(projectDir).catch(() => projectDir),
        browser,
        ...trustOf(flags),
        ...jsonFlag(command),
      };
      context.exit(await deps.open(args, io));
    });
}
