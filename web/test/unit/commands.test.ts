import { expect, it } from 'vitest';
import { type StatusState, summaryOfItems } from '../../src/pages/status/item.js';
import { inEnvironment, readCommand } from '../../src/site/command-line.js';

it('proposes the command that reads a connection', () => {
  expect(readCommand('wh', 'postgres', true)).toBe('ktx scan wh');
  expect(readCommand("it's", 'postgres', true)).toBe("ktx scan 'it'\\''s'");
  expect(readCommand('bi', 'looker', false)).toBe('ktx ingest run --connection-id bi --adapter looker');
});

it('names the environment of the project in commands', () => {
  expect(inEnvironment('ktx scan wh', 'prod')).toBe('ktx --env prod scan wh');
  expect(inEnvironment('ktx scan wh', "it's $&")).toBe("ktx --env 'it'\\''s $&' scan wh");
  expect(inEnvironment('ktx scan wh', null)).toBe('ktx scan wh');
});

it('sums up a status', () => {
  const items = (...states: StatusState[]) => states.map((state) => ({ state }));
  expect(summaryOfItems(items('ok'))).toBe('Everything works');
  expect(summaryOfItems(items('ok', 'warning'))).toBe('Everything works; 1 note');
  expect(summaryOfItems(items('ok', 'unchecked', 'warning'))).toBe('No problem is known; 1 note');
  expect(summaryOfItems(items('problem', 'warning', 'warning', 'problem'))).toBe('2 problems, 2 notes');
});
