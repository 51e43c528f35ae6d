/** Command tree of `ktx`: parses flags into the arguments of the command groups, and contains no command logic. */

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

/** Differences from the default help of commander. */
const HELP: HelpConfiguration = {
  showGlobalOptions: true,
  // Only the root's options: subcommands of `scan`, which is a command and a group, do not accept its options.
  visibleGlobalOptions: (command) => (command.parent === null ? [] : [...findRoot(command).options]),
  optionDescription: (option) => `${new Help().optionDescription(option)}${option.mandatory ? ' (required)' : ''}`,
};

function findRoot(command: Command): Command {
  return command.parent === null ? command : findRoot(command.parent);
}

/** Builds the command tree for one invocation. */
export function createProgram(context: CommandContext): Command {
  const { io } = context;
  const program = new Command('ktx')
    .description('Context layer for data agents')
    .version(context.deps.cliVersion, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .option(
      '--project-dir <dir>',
      'project folder (default: KTX_PROJECT_DIR, else the nearest upwards with a ktx.yaml)',
    )
    .option('--env <name>', 'environment of ktx.yaml (default: KTX_ENV, else none)')
    .addOption(
      new Option('--log-level <level>', 'minimum level of logged events (default: KTX_LOG_LEVEL, else info)').choices(
        LOG_LEVELS,
      ),
    )
    .addHelpText('after', '\nStart with: ktx setup demo, or ktx init in a folder of your own')
    .configureHelp(HELP)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // `printFailure` prints usage errors like all others; see `usageError`.
      outputError: () => {},
    })
    .exitOverride()
    .hook('preAction', (_, command) => {
      const { env } = command.optsWithGlobals<{ env?: string }>();
      if (env !== undefined) io.environment = env;
    });
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
  const dev = program.command('dev').description('aliases of commands under their names in earlier versions');
  registerScanCommands(dev, context);
  registerIngestCommands(dev, context);
  registerHelpCommand(program);
  return program;
}

/** Registers `ktx help`: `ktx help sl query` equals `ktx sl query --help`; an unknown command is an error. */
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
          const parent = ['ktx', ...words.slice(0, words.indexOf(word))].join(' ');
          throw new CliError(
            'KTX_ARGUMENT_INVALID',
            `unknown command '${word}'`,
            `See the commands with: ${parent} --help`,
          );
        }
        command = found;
      }
      command.help();
    });
}

/** Exit code after commander has printed help or the version; `undefined` for any other error. */
export function helpExitCode(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  if (error.code === 'commander.helpDisplayed' || error.code === 'commander.version') return 0;
  // 0 for `ktx help`; 1 for a group without its command, whose help went to stderr.
  return error.code === 'commander.help' ? error.exitCode : undefined;
}

/** Converts a parse error of commander into a `CliError` with a next step. */
export function usageError(error: CommanderError, program: Command, argv: readonly string[]): CliError {
  const unknown = error.code === 'commander.missingMandatoryOptionValue' ? findUnknownOption(program, argv) : undefined;
  const [sentence = '', ...hints] = (unknown ?? error).message.replace(/^error: /, '').split('\n');
  const parts = [sentence.replace(/\.$/, ''), ...hints].map((part) => part.trim()).filter((part) => part !== '');
  const help = ['ktx', ...commandPath(program, argv).map((command) => command.name()), '--help'].join(' ');
  return new CliError('KTX_ARGUMENT_INVALID', parts.join(' '), `See the usage with: ${help}`);
}

/** Finds an unknown option, which may be a misspelling of the missing required one. */
function findUnknownOption(program: Command, argv: readonly string[]): CommanderError | undefined {
  const command = commandPath(program, argv).at(-1);
  // Commander reports missing options first, so parse again with no option required and an empty action.
  for (const option of command?.options ?? []) option.makeOptionMandatory(false);
  command?.action(() => {});
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.code === 'commander.unknownOption') return error;
  }
  return undefined;
}

/** The commands that the arguments name, outermost first. */
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
