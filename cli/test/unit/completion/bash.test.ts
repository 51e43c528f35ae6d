import { describe, expect, it } from 'vitest';
import { splitLine, toInsertions } from '../../../src/completion/bash.js';

const BREAKS = ' \t\n"\'><=;|&(:';

const insertions = (line: string, ...values: string[]) =>
  toInsertions(
    splitLine(line),
    values.map((value) => ({ value })),
    BREAKS,
  ).map(({ value }) => value);

describe('splitLine', () => {
  it.each([
    ['ktx ', ['ktx', ''], false],
    ['ktx sl  query', ['ktx', 'sl', 'query'], false],
    [`ktx "a b" 'c d`, ['ktx', 'a b', 'c d'], true],
    ['ktx a\\ b \\$\\(x', ['ktx', 'a b', '$(x'], false],
    [`ktx 'a\\' "b\\"c`, ['ktx', 'a\\', 'b"c'], true],
    ['ktx $(touch x) `y`', ['ktx', '$(touch', 'x)', '`y`'], false],
    ['ktx a\\', ['ktx', 'a'], false],
  ])('splits %j', (line, words, isQuoted) => {
    expect(splitLine(line)).toEqual({ words, isQuoted });
  });
});

describe('toInsertions', () => {
  it('quotes names that bash would interpret', () => {
    expect(insertions('ktx ', 'orders', 'größe', '$(rm)', "it's", 'a b', '`x`')).toEqual([
      'orders',
      'größe',
      "'$(rm)'",
      `"it's"`,
      '"a b"',
      "'`x`'",
    ]);
  });

  it('inserts only the part after the last word break', () => {
    expect(insertions('ktx sl query --dimension orders.at:mo', 'orders.at:month')).toEqual(['month']);
    expect(insertions('ktx sl list --format=c', '--format=csv')).toEqual(['csv']);
    expect(insertions('ktx sl list --for', '--format')).toEqual(['--format']);
  });

  it('leaves out names that could end an open quote', () => {
    expect(insertions("ktx table 'o", 'orders', "o'$(rm)", 'o b')).toEqual(['orders']);
    expect(insertions("ktx sl query --dimension 'orders.at:mo", 'orders.at:month')).toEqual(['orders.at:month']);
  });
});
