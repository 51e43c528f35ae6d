import { describe, expect, it } from 'vitest';
import { stepsOf } from './support/markdown.js';
import { outputOf, patternOf } from './support/shown.js';

const matches = (shown: string, output: string) => patternOf(shown).test(outputOf(output));

describe('the output on a page', () => {
  it.each([
    ['the same text', 'a (b)\nc', 'a (b)\nc\n'],
    ['a text without a final line break', 'a', 'a'],
    ['any lines for an ellipsis', 'a\n…\nd', 'a\nb\nc\nd\n'],
    ['no lines for an ellipsis', 'a\n  …\nb', 'a\nb\n'],
    ['any text for an ellipsis', 'in …/x', 'in /some where/x\n'],
    ['another duration', 'in 315 ms', 'in 1.2 s\n'],
    ['another width', 'A    B\nc    d', 'A                  B\nc                  d   \n'],
  ])('matches %s', (_, shown, output) => expect(matches(shown, output)).toBe(true));

  it.each([
    ['an additional last line', 'a', 'a\nb\n'],
    ['an additional line', 'a\nb', 'a\nc\nb\n'],
    ['a missing line', 'a\nb', 'a\n'],
    ['another order', 'a\n…\nb', 'b\na\n'],
    ['a special character of patterns', 'a.c', 'abc\n'],
    ['another number', '3 tables', '4 tables\n'],
    ['another indent', '  a', 'a\n'],
  ])('does not match %s', (_, shown, output) => expect(matches(shown, output)).toBe(false));

  it('follows its command, which may have continuation lines', () => {
    const text = '$ one \\\n  --two\nout\n\n$ three\n';
    expect(stepsOf({ where: 'docs/x.md:7', language: 'console', text })).toEqual([
      { where: 'docs/x.md:7', command: 'one \\\n  --two', shown: 'out' },
      { where: 'docs/x.md:11', command: 'three', shown: undefined },
    ]);
  });
});
