/** Command tree of `ktx`: parses flags into the arguments of the command groups, and contains no command logic. */

import { Command, CommanderError, Option } from 'commander';
import { registerAgentsCommands } from './agents/command.js';
import type { CommandContext } from './command-context.js';
import { registerCompletionCommands } from './completion/command.js';
import { registerConnectionCommands } from './connection/command.js';
import { registerDocsCommands } from './docs/command.js';
import { CliError } from './errors.js';
import { HELP, joinMessage, registerHelpCommand } from './help.js';
import { registerHistoryCommand } from './history/command.js';
import { registerIngestCommands } from './ingest/command.js';
import { registerInitCommand } from './init/command.js';
import { LOG_LEVELS } from './log.js';
import { registerMcpCommands } from './mcp/background/command.js';
import { registerOpenCommand } from './open/command.js';
import { registerRelationshipsCommands } from './relationships/command.js';
import { registerRuntimeCommands } from './runtime/command.js';
import { registerScanCommands } from './scan/command.js';
import { registerSearchCommand } from './search/command.js';
import { registerServeCommand } from './serve/command.js';
import { registerSetupCommands } from './setup/command.js';
import { registerSemanticCommands } from './sl/command.js';
import { registerSqlCommand } from './sql/command.js';
import { registerStatusCommand } from './status/command.js';
import { registerTableCommand } from './table/command.js';
import { registerTrustCommand } from './trust/command.js';

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
    .configureHelp(HELP)
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns || 80,
      getErrHelpWidth: () => io.stdout.columns || 80,
      // `printFailure` prints usage errors like all others; see `usageError`.
      outputError: () => {},
    })
    .exitOverride()
    .hook('preAction', (_, command) => {
      const { env } = command.optsWithGlobals<{ env?: string }>();
      if (env !== undefined) io.environment = env;
    });
  registerCommands(program, context);
  return program;
}

/** Registers the commands in the order of a first day. */
function registerCommands(program: Command, context: CommandContext): void {
  program.commandsGroup('Start:');
  registerSetupCommands(program, context);
  registerInitCommand(program, context);
  registerConnectionCommands(program, context);
  registerScanCommands(program, context);
  registerIngestCommands(program, context);
  program.commandsGroup('Ask:');
  registerOpenCommand(program, context);
  registerSearchCommand(program, context);
  registerTableCommand(program, context);
  registerRelationshipsCommands(program, context);
  registerHistoryCommand(program, context);
  registerSqlCommand(program, context);
  registerSemanticCommands(program, context);
  program.commandsGroup('Connect agents:');
  registerAgentsCommands(program, context);
  registerServeCommand(program, context);
  registerMcpCommands(program, context);
  registerDocsCommands(program, context);
  program.commandsGroup('Maintain:');
  registerStatusCommand(program, context);
  registerTrustCommand(program, context);
  registerRuntimeCommands(program, context);
  registerCompletionCommands(program, context);
  registerHelpCommand(program);
  const dev = program.command('dev', { hidden: true }).description('aliases of commands under earlier names');
  registerScanCommands(dev, context);
  registerIngestCommands(dev, context);
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
  const help = ['ktx', ...commandPath(program, argv).map((command) => command.name()), '--help'].join(' ');
  return new CliError('KTX_ARGUMENT_INVALID', joinMessage(unknown ?? error), `See the usage with: ${help}`);
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
