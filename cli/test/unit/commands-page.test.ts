/** `docs/commands.md` against what `--help` shows. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { realCommands } from '../../src/deps.js';
import { createProgram } from '../../src/program.js';
import { makeIo } from '../support/io.js';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'commands.md'), 'utf8');
const context = { io: makeIo().io, deps: { cliVersion: '0.0.0-test', ...realCommands }, exit: () => {} };
const program = createProgram(context);

/** Flags that the page explains before the first table. */
const OF_ALL_COMMANDS = ['-h, --help', '--log-level <level>', '--project-dir <dir>', '-v, --version'];

/** Texts between backticks. */
const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, inner = '']) => inner);

const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(1, -1).split(' | '));

/** Usage of each command, with its flags sorted: as the page has them. */
const documented = rows.flatMap(([name = '', , flags = '']) => {
  const [usage = ''] = quoted(name);
  return usage.startsWith('ktx ') ? [[usage, quoted(flags).sort()] as const] : [];
});

/** Usage of each command below one, with its flags sorted: as its help shows them. */
function shown(command: Command, path: string[]): (readonly [string, string[]])[] {
  const help = command.createHelp();
  const args = command.registeredArguments.map(({ required, variadic }, at) => {
    const name = `${help.visibleArguments(command)[at]?.name()}${variadic ? '...' : ''}`;
    return required ? `<${name}>` : `[${name}]`;
  });
  const flags = help.visibleOptions(command).map((option) => option.flags);
  const own = flags.filter((flag) => !OF_ALL_COMMANDS.includes(flag)).sort();
  const isCommand = command.commands.length === 0 || args.length > 0;
  const inner = command.commands.flatMap((child) => shown(child, [...path, child.name()]));
  return isCommand ? [[[...path, ...args].join(' '), own] as const, ...inner] : inner;
}

const group = (name: string) => {
  const found = program.commands.find((command) => command.name() === name);
  if (found === undefined) throw new Error(`There is no command ${name}`);
  return found;
};

describe('docs/commands.md', () => {
  it('has exactly the commands that there are, each with exactly its flags', () => {
    const groups = program.commands.filter((command) => command.name() !== 'dev');
    const real = groups.flatMap((command) => shown(command, ['ktx', command.name()]));
    expect(real.length).toBeGreaterThan(20);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(real));
    expect(documented.length).toBe(real.length);
  });

  it('explains exactly the flags that there are, each once', () => {
    const explained = rows.flatMap(([name = '', meaning = '']) => {
      expect(meaning.trim(), name).not.toBe('');
      return quoted(name).filter((flag) => flag.startsWith('-'));
    });
    expect([...explained].sort()).toEqual([...new Set(documented.flatMap(([, flags]) => flags))].sort());
  });

  it('names the flags of all commands, and the values that a flag may have', () => {
    for (const flag of OF_ALL_COMMANDS) expect(page).toContain(flag);
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

  it('is right that dev has the same commands', () => {
    const inner = group('dev').commands;
    expect(inner.map((command) => command.name())).toEqual(['scan', 'ingest']);
    for (const command of inner) {
      const name = command.name();
      expect(shown(command, [name])).toEqual(shown(group(name), [name]));
      expect(page).toContain(`\`ktx dev ${name} …\``);
    }
  });
});
