/** Help of the commands: `--help`, and the command `help`. */

import { Command, type CommanderError, Help, type HelpConfiguration } from 'commander';
import { CliError } from './errors.js';

/** Differences from the default help of commander. */
export const HELP: HelpConfiguration = {
  showGlobalOptions: true,
  // Descriptions wrap on a terminal of 60 columns as well; the default would not wrap them there.
  minWidthToWrap: 20,
  // Only the root's options: subcommands of `scan`, which is a command and a group, do not accept its options.
  visibleGlobalOptions: (command) => (command.parent === null ? [] : [...findRoot(command).options]),
  optionDescription: (option) => `${new Help().optionDescription(option)}${option.mandatory ? ' (required)' : ''}`,
  formatHelp: (command, help) =>
    command.parent === null ? formatRootHelp(command, help) : Help.prototype.formatHelp.call(help, command, help),
};

function findRoot(command: Command): Command {
  return command.parent === null ? command : findRoot(command.parent);
}

/** Commands that the first screen leaves out, which has room for 19; `open` names `docs build`. */
const RARE = ['completion', 'docs'];

/** The first screen: the commands by group without blank lines, so that it fits a terminal of 24 lines. */
function formatRootHelp(root: Command, help: Help): string {
  const visible = help.visibleCommands(root).filter((command) => !RARE.includes(command.name()));
  const width = Math.max(...visible.map((command) => command.name().length));
  const item = (command: Command) => help.formatItem(command.name(), width, help.subcommandDescription(command), help);
  const groups = help.groupItems([...root.commands], visible, (command) => command.helpGroup());
  const commands = [...groups].flatMap(([title, members]) => [title, ...members.map(item)]);
  // The short forms, so that all fit one line.
  const flags = help.visibleOptions(root).map(({ short, flags }) => short ?? flags);
  const usage = `Usage: ktx [command] ${flags.join(' ')}`;
  return [help.boxWrap(usage, help.helpWidth ?? 80), ...commands, ''].join('\n');
}

/** Registers `ktx help`: `ktx help sl query` equals `ktx sl query --help`; an unknown command is an error. */
export function registerHelpCommand(program: Command): void {
  program
    .command('help')
    .argument('[command...]', 'command and subcommand')
    .description('show help of a command')
    .action((words: string[]) => {
      let command = program;
      for (const [at, word] of words.entries()) {
        const found = command.commands.find((each) => each.name() === word);
        if (found === undefined) throw unknownCommand(command, words.slice(0, at), word);
        command = found;
      }
      command.help();
    });
}

function unknownCommand(parent: Command, path: string[], word: string): CliError {
  const help = ['ktx', ...path, '--help'].join(' ');
  const message = messageOf(unknownCommandError(parent, word)) ?? `unknown command '${word}'`;
  return new CliError('KTX_ARGUMENT_INVALID', message, `See the commands with: ${help}`);
}

/** The error of commander, which suggests the nearest command; `parent` itself might run if it parsed the word. */
function unknownCommandError(parent: Command, word: string): CommanderError | undefined {
  const names = new Command()
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const command of parent.commands) names.command(command.name());
  try {
    names.parse([word], { from: 'user' });
    return undefined;
  } catch (error) {
    return error as CommanderError;
  }
}

function messageOf(error: CommanderError | undefined): string | undefined {
  return error?.code === 'commander.unknownCommand' ? joinMessage(error) : undefined;
}

/** The message of an error of commander, whose suggestion is on a second line, as one line. */
export function joinMessage({ message }: CommanderError): string {
  const [sentence = '', ...hints] = message.replace(/^error: /, '').split('\n');
  const parts = [sentence.replace(/\.$/, ''), ...hints].map((part) => part.trim());
  return parts.filter((part) => part !== '').join(' ');
}
