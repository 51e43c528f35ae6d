/** Candidates for a word of a command line: commands, flags, and the values of flags and arguments. */

import type { Argument, Command, Option } from 'commander';

/** A word that may be inserted, with a description for the user. */
export interface Candidate {
  value: string;
  description?: string;
}

/** A position of a command line. */
export interface Position {
  command: Command;
  /** The word to complete. */
  current: string;
  /** Values of flags before the position, by long flag. */
  values: Map<string, string[]>;
  /** The flag whose value is completed. */
  option?: Option;
  /** The arguments of the command before the position. */
  args: string[];
}

/** Lists names for the value of a flag or an argument; empty if it has none. */
export type ListNames = (of: Option | Argument, position: Position) => Promise<Candidate[]>;

/** Finds the candidates for the last word. */
export async function findCandidates(root: Command, words: string[], listNames: ListNames): Promise<Candidate[]> {
  const current = words.at(-1) ?? '';
  const position = { ...findPosition(root, words.slice(0, -1)), current };
  const [flag = '', assigned] = splitAssignment(current);
  const option = position.option ?? (assigned === undefined ? undefined : findOption(position.command, flag));
  if (option !== undefined) {
    const prefix = position.option === undefined ? `${flag}=` : '';
    const values = await valuesOf(option, position, listNames);
    return startingWith(
      current,
      values.map((each) => ({ ...each, value: `${prefix}${each.value}` })),
    );
  }
  if (current.startsWith('-')) return startingWith(current, flagsOf(position.command));
  const argument = argumentAt(position);
  const values = argument === undefined ? [] : await valuesOf(argument, position, listNames);
  return startingWith(current, [...(position.args.length === 0 ? subcommandsOf(position.command) : []), ...values]);
}

function findPosition(root: Command, words: string[]): Omit<Position, 'current'> {
  const position: Omit<Position, 'current'> = { command: root, values: new Map(), args: [] };
  for (const word of words) {
    if (position.option !== undefined) {
      record(position, position.option, word);
      delete position.option;
      continue;
    }
    const [flag = '', assigned] = splitAssignment(word);
    const option = word.startsWith('-') ? findOption(position.command, flag) : undefined;
    if (option !== undefined && assigned !== undefined) record(position, option, assigned);
    else if (option?.required) position.option = option;
    else if (option === undefined && !word.startsWith('-')) enter(position, word);
  }
  return position;
}

function record({ values }: Pick<Position, 'values'>, { long }: Option, value: string): void {
  if (long) values.set(long, [...(values.get(long) ?? []), value]);
}

function enter(position: Omit<Position, 'current'>, word: string): void {
  const found = position.command.commands.find((command) => command.name() === word);
  if (found !== undefined && position.args.length === 0) position.command = found;
  else position.args.push(word);
}

function splitAssignment(word: string): string[] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function findOption(command: Command, flag: string): Option | undefined {
  const found = command.options.find((option) => option.long === flag || option.short === flag);
  return found ?? (command.parent === null ? undefined : findOption(rootOf(command), flag));
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

function argumentAt({ command, args }: Position): Argument | undefined {
  const last = command.registeredArguments.at(-1);
  return command.registeredArguments[args.length] ?? (last?.variadic ? last : undefined);
}

async function valuesOf(of: Option | Argument, position: Position, listNames: ListNames): Promise<Candidate[]> {
  return of.argChoices?.map((value) => ({ value })) ?? listNames(of, position);
}

function flagsOf(command: Command): Candidate[] {
  const help = command.createHelp();
  const options = [...help.visibleOptions(command), ...(command.parent === null ? [] : rootOf(command).options)];
  const flags = options.map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));
  return [...new Map(flags.map((flag) => [flag.value, flag])).values()];
}

function subcommandsOf(command: Command): Candidate[] {
  const help = command.createHelp();
  return help
    .visibleCommands(command)
    .map((each) => ({ value: each.name(), description: help.subcommandDescription(each) }));
}

function startingWith(current: string, candidates: Candidate[]): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(current));
}
