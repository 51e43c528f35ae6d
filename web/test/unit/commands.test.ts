import { expect, it } from 'vitest';
import { type StatusState, summaryOfItems } from '../../src/pages/status/item.js';
import { type CommandWords, commandText, inEnvironment, readCommand } from '../../src/site/command-line.js';

const posix = (words: CommandWords) => commandText(words, 'posix');

it('proposes the command that reads a connection', () => {
  expect(posix(readCommand('wh', 'postgres', true))).toBe('ktx scan wh');
  expect(posix(readCommand("it's", 'postgres', true))).toBe(`ktx scan "it's"`);
  expect(commandText(readCommand('it’s', 'postgres', true), 'powershell')).toBe("ktx scan 'it’’s'");
  expect(posix(readCommand('bi', 'looker', false))).toBe('ktx ingest run --connection-id bi --adapter looker');
});

it('names the environment of the project in commands', () => {
  const words = ['ktx', 'scan', 'wh'];
  expect(posix(inEnvironment(words, 'prod'))).toBe('ktx --env prod scan wh');
  expect(posix(inEnvironment(words, "it's $&"))).toBe("ktx --env 'it'\\''s $&' scan wh");
  expect(inEnvironment(words, null)).toEqual(words);
  expect(inEnvironment(['ktxx'], 'prod')).toEqual(['ktxx']);
});

it('sums up a status', () => {
  const items = (...states: StatusState[]) => states.map((state) => ({ state }));
  expect(summaryOfItems(items('ok'))).toBe('Everything works');
  expect(summaryOfItems(items('ok', 'warning'))).toBe('Everything works; 1 note');
  expect(summaryOfItems(items('ok', 'unchecked', 'warning'))).toBe('No problem is known; 1 note');
  expect(summaryOfItems(items('problem', 'warning', 'warning', 'problem'))).toBe('2 problems, 2 notes');
});
