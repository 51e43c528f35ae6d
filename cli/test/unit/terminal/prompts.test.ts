import { describe, expect, it } from 'vitest';
import { confirm } from '../../../src/terminal/prompts.js';
import { makeIo } from '../../support/io.js';

describe('confirm', () => {
  it.each([
    ['there is no terminal', {}],
    ['stderr is not a terminal', { stdin: { isTTY: true } }],
    ['stdin is not a terminal', { stderr: { write: () => true, isTTY: true } }],
  ])('answers no if %s', async (_, overrides) => {
    expect(await confirm(makeIo(overrides).io, 'Continue?')).toBe(false);
  });
});
