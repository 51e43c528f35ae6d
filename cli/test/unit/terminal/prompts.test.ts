import { describe, expect, it } from 'vitest';
import { confirm } from '../../../src/terminal/prompts.js';
import { makeIo } from '../../support/io.js';

describe('confirm', () => {
  it.each([
    ['there is no terminal', {}],
    ['the question could not be seen', { stdin: { isTTY: true } }],
    ['the answer could not be typed', { stderr: { write: () => true, isTTY: true } }],
  ])('takes no for an answer where %s', async (_, surroundings) => {
    expect(await confirm(makeIo(surroundings).io, 'Continue?')).toBe(false);
  });
});
