/** Compares `docs/commands.md` with the output of `--help`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { defaultCommands } from '../../src/deps.js';
import { createProgram } from '../../src/program.js';
import { makeIo } from '../support/io.js';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'commands.md'), 'utf8');
const context = { io: makeIo().io, deps: { cliVersion: '0.0.0-test', ...defaultCommands }, exit: () => {} };
const program = createProgram(context);

/** Flags of every command, which the page explains before the first table. */
const GLOBAL_FLAGS = ['-h, --help', '--log-level <level>', '--project-dir <dir>', '-v, --version'];

/** Extracts the texts between backticks. */
const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, inner = '']) => inner);

const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(1, -1).split(' | '));

/** Usage and sorted flags of each command on the page. */
const documented = rows.flatMap(([name = '', , flags = '']) => {
  const [usage = ''] = quoted(name);
  return usage.startsWith('ktx ') ? [[usage, quoted(flags).sort()] as const] : [];
});

/** Usage and sorted flags of a command and its subcommands in the help. */
function commandUsages(command: Command, path: string[]): (readonly [string, string[]])[] {
  const help = command.createHelp();
  const args = command.registeredArguments.map(({ required, variadic }, at) => {
    const name = `${help.visibleArguments(command)[at]?.name()}${variadic ? '...' : ''}`;
    return required ? `<${name}>` : `[${name}]`;
  });
  const flags = help.visibleOptions(command).map((option) => option.flags);
  const commandFlags = flags.filter((flag) => !GLOBAL_FLAGS.includes(flag)).sort();
  const isCommand = command.commands.length === 0 || args.length > 0 || commandFlags.length > 0;
  const inner = command.commands.flatMap((child) => commandUsages(child, [...path, child.name()]));
  return isCommand ? [[[...path, ...args].join(' '), commandFlags] as const, ...inner] : inner;
}

const findGroup = (name: string) => {
  const found = program.commands.find((command) => command.name() === name);
  if (found === undefined) throw new Error(`There is no command ${name}`);
  return found;
};

describe('docs/commands.md', () => {
  it('documents every command with its flags', () => {
    const groups = program.createHelp().visibleCommands(program);
    const expected = groups.flatMap((command) => commandUsages(command, ['ktx', command.name()]));
    expect(expected.length).toBeGreaterThan(20);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
    expect(documented.length).toBe(expected.length);
  });

  it('explains every flag once', () => {
    const explained = rows.flatMap(([name = '', meaning = '']) => {
      expect(meaning.trim(), name).not.toBe('');
      return quoted(name).filter((flag) => flag.startsWith('-'));
    });
    expect([...explained].sort()).toEqual([...new Set(documented.flatMap(([, flags]) => flags))].sort());
  });

  it('documents global flags and the choices of flags', () => {
    for (const flag of GLOBAL_FLAGS) expect(page).toContain(flag);
    const options = program.commands
      .flatMap((command) => [command, ...command.commands])
      .flatMap(({ options }) => options);
    const choices = options.filter(({ argChoices }) => argChoices !== undefined);
    expect(choices.length).toBeGreaterThan(2);
    for (const { flags, argChoices = [] } of choices) {
      const row = rows.find(([name = '']) => quoted(name)[0] === flags);
      for (const choice of argChoices) expect(row?.[1], flags).toContain(`\`${choice}\``);
    }
  });

  it('documents the aliases below dev', () => {
    const inner = findGroup('dev').commands;
    expect(inner.map((command) => command.name())).toEqual(['scan', 'ingest']);
    for (const command of inner) {
      const name = command.name();
      expect(commandUsages(command, [name])).toEqual(commandUsages(findGroup(name), [name]));
      expect(page).toContain(`\`ktx dev ${name} …\``);
    }
  });
});
