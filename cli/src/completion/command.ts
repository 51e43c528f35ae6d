/** `ktx completion`, and the hidden command `complete` that its scripts call. */

import { Argument, type Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { namedProjectDir } from '../flags/project-dir.js';
import { SHELLS, type Shell } from './shells.js';

interface CompleteFlags {
  line?: string;
  breaks?: string;
  next?: true;
}

/** Registers both. */
export function registerCompletionCommands(program: Command, context: CommandContext): void {
  const { io } = context;
  program
    .command('completion')
    .description('print a script that completes commands, flags and names')
    .addArgument(new Argument('<shell>', 'shell that runs the script').choices(SHELLS))
    .action(async (shell: Shell) => {
      const { SCRIPTS } = await import('./scripts.js');
      io.stdout.write(SCRIPTS[shell]);
      context.exit(0);
    });
  program
    .command('complete', { hidden: true })
    .description('print candidates for the last word, one per line, with a description after a tab')
    .argument('[words...]', 'words after ktx, up to the cursor')
    .option('--next', 'complete a word after these')
    .option('--line <line>', 'command line up to the cursor, in place of words; candidates are quoted for bash')
    .option('--breaks <characters>', 'characters at which bash breaks words', '')
    .action(async (words: string[], flags: CompleteFlags) => {
      const { complete, completeLine } = await import('./complete.js');
      const projectDir = namedProjectDir(program, io);
      const candidates =
        flags.line === undefined
          ? await complete(program, flags.next ? [...words, ''] : words, io, projectDir)
          : await completeLine(program, flags.line, flags.breaks ?? '', io, projectDir);
      for (const { value, description = '' } of candidates) io.stdout.write(`${value}\t${description}\n`);
      context.exit(0);
    });
}
