/** The tree of commands: flags in, arguments of a command group out. Nothing here does the work. */

import { Command, CommanderError, Help, type HelpConfiguration, Option } from 'commander';
import { registerAgentsCommands } from './agents/command.js';
import type { CommandContext } from './command-context.js';
import { registerConnectionCommands } from './connection/command.js';
import { CliError } from './errors.js';
import { registerIngestCommands } from './ingest/command.js';
import { registerInitCommand } from './init/command.js';
import { LOG_LEVELS } from './log.js';
import { registerRuntimeCommands } from './runtime/command.js';
import { registerScanCommands } from './scan/command.js';
import { registerServeCommand } from './serve/command.js';
import { registerSetupCommands } from './setup/command.js';
import { registerSemanticCommands } from './sl/command.js';
import { registerTrustCommand } from './trust/command.js';

/** What differs from the help of the library. */
const HELP: HelpConfiguration = {
  showGlobalOptions: true,
  // Of a group that is a command as well, `scan`, the subcommands do not take the options.
  visibleGlobalOptions: (command) => (command.parent === null ? [] : [...rootOf(command).options]),
  optionDescription: (option) => `${new Help().optionDescription(option)}${option.mandatory ? ' (required)' : ''}`,
};

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** Builds the tree for one call. */
export function createProgram(context: CommandContext): Command {
  const { io } = context;
  const program = new Command('ktx')
    .description('Context layer for data agents')
    .version(context.deps.cliVersion, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .option('--project-dir <dir>', 'project folder (default: the nearest one upwards with a ktx.yaml)')
    .addOption(
      new Option('--log-level <level>', 'least important events to log (default: KTX_LOG_LEVEL, else info)').choices(
        LOG_LEVELS,
      ),
    )
    .addHelpText('after', '\nBegin with: ktx setup demo, or with ktx init in a folder of your own')
    .configureHelp(HELP)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Failures are printed in one place, with a next step; see `usageError`.
      outputError: () => {},
    })
    .exitOverride();
  registerSetupCommands(program, context);
  registerInitCommand(program, context);
  registerTrustCommand(program, context);
  registerConnectionCommands(program, context);
  registerScanCommands(program, context);
  registerIngestCommands(program, context);
  registerServeCommand(program, context);
  registerAgentsCommands(program, context);
  registerSemanticCommands(program, context);
  registerRuntimeCommands(program, context);
  const dev = program.command('dev').description('the same commands under the names of earlier versions');
  registerScanCommands(dev, context);
  registerIngestCommands(dev, context);
  registerHelpCommand(program);
  return program;
}

/** `ktx help sl query` shows what `ktx sl query --help` shows; an unknown command is a failure. */
function registerHelpCommand(program: Command): void {
  program
    .command('help')
    .argument('[command...]', 'command and subcommand')
    .description('show help of a command')
    .action((words: string[]) => {
      let command = program;
      for (const word of words) {
        const found = command.commands.find((each) => each.name() === word);
        if (found === undefined) {
          const known = ['ktx', ...words.slice(0, words.indexOf(word))].join(' ');
          throw new CliError(
            'KTX_ARGUMENT_INVALID',
            `unknown command '${word}'`,
            `See the commands with: ${known} --help`,
          );
        }
        command = found;
      }
      command.help();
    });
}

/** Exit code of a call that only showed help or the version; `undefined` for any other error. */
export function helpExitCode(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return 0;
  // 0 for `ktx help`; 1 for a group without its command, whose help went to stderr.
  return error.code === 'commander.help' ? error.exitCode : undefined;
}

/** A wrong call, in the words that every failure has. */
export function usageError(error: CommanderError, program: Command, argv: readonly string[]): CliError {
  const misspelt = error.code === 'commander.missingMandatoryOptionValue' ? unknownOption(program, argv) : undefined;
  const [sentence = '', ...hints] = (misspelt ?? error).message.replace(/^error: /, '').split('\n');
  const parts = [sentence.replace(/\.$/, ''), ...hints].map((part) => part.trim()).filter((part) => part !== '');
  const help = ['ktx', ...commandPath(program, argv).map((command) => command.name()), '--help'].join(' ');
  return new CliError('KTX_ARGUMENT_INVALID', parts.join(' '), `See how to call it with: ${help}`);
}

/** The error about an option that does not exist, which may be the one that is missing, in another spelling. */
function unknownOption(program: Command, argv: readonly string[]): CommanderError | undefined {
  const command = commandPath(program, argv).at(-1);
  // The library looks for what is missing first, and so is asked again with nothing required and nothing to do.
  for (const option of command?.options ?? []) option.makeOptionMandatory(false);
  command?.action(() => {});
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.code === 'commander.unknownOption') return error;
  }
  return undefined;
}

/** The commands that the words of a call lead to. */
export function commandPath(program: Command, argv: readonly string[]): Command[] {
  const path: Command[] = [];
  let commands = program.commands;
  for (const word of argv) {
    const found = commands.find((command) => command.name() === word);
    if (found === undefined) continue;
    path.push(found);
    commands = found.commands;
  }
  return path;
}
