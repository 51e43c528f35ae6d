import { describe, expect, it } from 'vitest';
import { stepsOf } from './support/markdown.js';
import { outputOf, patternOf } from './support/shown.js';

const fits = (shown: string, output: string) => patternOf(shown).test(outputOf(output));

describe('what a page shows', () => {
  it.each([
    ['the very same', 'a (b)\nc', 'a (b)\nc\n'],
    ['the same without an end of the last line', 'a', 'a'],
    ['any lines', 'a\n…\nd', 'a\nb\nc\nd\n'],
    ['any lines, none included', 'a\n  …\nb', 'a\nb\n'],
    ['any text', 'in …/x', 'in /some where/x\n'],
    ['another duration', 'in 315 ms', 'in 1.2 s\n'],
    ['another width', 'A    B\nc    d', 'A                  B\nc                  d   \n'],
  ])('is %s', (_, shown, output) => expect(fits(shown, output)).toBe(true));

  it.each([
    ['a line more at the end', 'a', 'a\nb\n'],
    ['a line more in between', 'a\nb', 'a\nc\nb\n'],
    ['a line less', 'a\nb', 'a\n'],
    ['another order', 'a\n…\nb', 'b\na\n'],
    ['a character that is special in patterns', 'a.c', 'abc\n'],
    ['another number', '3 tables', '4 tables\n'],
    ['another indent', '  a', 'a\n'],
  ])('is not %s', (_, shown, output) => expect(fits(shown, output)).toBe(false));

  it('stands below its command, which may go on in further lines', () => {
    const text = '$ one \\\n  --two\nout\n\n$ three\n';
    expect(stepsOf({ where: 'docs/x.md:7', language: 'console', text })).toEqual([
      { where: 'docs/x.md:7', command: 'one \\\n  --two', shown: 'out' },
      { where: 'docs/x.md:11', command: 'three', shown: undefined },
    ]);
  });
});
