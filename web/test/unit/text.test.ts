/** Texts of drawings are cut to a width that is known without measuring. */

import { describe, expect, it } from 'vitest';
import { fitText, widthOf } from '../../src/layout/text.js';

describe('fitText', () => {
  it.each([
    ['orders', 6, 'orders'],
    ['orders', 5, 'orde…'],
    ['a\n b\t\tc', 10, 'a b c'],
    ['注文明細', 8, '注文明細'],
    ['注文明細', 7, '注文明…'],
    ['e\u0301e\u0301', 2, 'e\u0301e\u0301'],
    ['', 5, ''],
    ['x'.repeat(10_000), 5, 'xxxx…'],
    [`a${'\u0301'.repeat(10_000)}`, 5, `a${'\u0301'.repeat(19)}…`],
  ])('cuts %j to %i cells', (text, cells, expected) => {
    expect(fitText(text, cells)).toBe(expected);
  });

  it('never cuts a character apart', () => {
    expect(fitText('😀😀😀', 3)).toBe('😀…');
    expect(fitText('😀'.repeat(9), 8)).toMatch(/^(😀)+…$/u);
  });
});

describe('widthOf', () => {
  it('counts wide characters twice and accents not at all', () => {
    expect(widthOf('注', 10)).toBe(widthOf('ab', 10));
    expect(widthOf('e\u0301', 10)).toBe(widthOf('e', 10));
  });
});
