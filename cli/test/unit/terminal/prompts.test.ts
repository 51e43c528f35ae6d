import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { askSecret, askText, chooseOne, chooseSeveral, confirm, searchSeveral } from '../../../src/terminal/prompts.js';
import { fakeTerminal, KEYS } from '../../support/fake-terminal.js';
import { makeIo } from '../../support/io.js';

const { enter, down, space, tab, ctrlC } = KEYS;

const choices = [
  { value: 'a', label: 'Apple', hint: 'red' },
  { value: 'b', label: 'Banana' },
];

describe('without a terminal', () => {
  it.each([
    ['there is none', {}],
    ['stderr is not one', { stdin: { isTTY: true } }],
    ['stdin is not one', { stderr: { write: () => true, isTTY: true } }],
  ])('confirms nothing if %s', async (_, overrides) => {
    expect(await confirm(makeIo(overrides).io, 'Continue?')).toBe(false);
  });

  it('answers nothing', async () => {
    const { io, stderr } = makeIo();
    expect(await askText(io, 'Name', 'default')).toBeUndefined();
    expect(await askSecret(io, 'Password')).toBeUndefined();
    expect(await chooseOne(io, 'Which?', choices)).toBeUndefined();
    expect(await chooseSeveral(io, 'Which?', choices)).toBeUndefined();
    expect(await searchSeveral(io, 'Which?', choices)).toBeUndefined();
    expect(stderr()).toBe('');
  });
});

describe('confirm', () => {
  it.each([
    ['the default yes', true, [enter], true],
    ['the default no', false, [enter], false],
    ['y', false, ['y'], true],
    ['n', true, ['n'], false],
  ])('takes %s', async (_, initial, keys, expected) => {
    expect(await confirm(fakeTerminal([['Continue?', ...keys]]).io, 'Continue?', initial)).toBe(expected);
  });
});

describe('choices', () => {
  it('answer the chosen one', async () => {
    const { io, screen } = fakeTerminal([['Which fruit?', down, enter]]);
    expect(await chooseOne(io, 'Which fruit?', choices)).toBe('b');
    expect(screen()).toContain('Apple (red)');
  });

  it('answer several, which are all chosen at first', async () => {
    expect(await chooseSeveral(fakeTerminal([['Which?', enter]]).io, 'Which?', choices)).toEqual(['a', 'b']);
    expect(await chooseSeveral(fakeTerminal([['Which?', space, enter]]).io, 'Which?', choices)).toEqual(['b']);
  });

  it('ask again if one is required and none is chosen', async () => {
    const { io, unasked } = fakeTerminal([
      ['Which?', space, down, space, enter],
      ['select at least one', space, enter],
    ]);
    expect(await chooseSeveral(io, 'Which?', choices)).toEqual(['b']);
    expect(unasked()).toEqual([]);
  });

  it('may be empty if none is required', async () => {
    const { io } = fakeTerminal([['Which?', space, down, space, enter]]);
    expect(await chooseSeveral(io, 'Which?', choices, { required: false })).toEqual([]);
  });

  it('are found by typing in a long list, none chosen at first', async () => {
    const many = Array.from({ length: 40 }, (_, n) => ({ value: `t${n}`, label: `table_${n}` }));
    const { io } = fakeTerminal([['Which tables?', '3', '7', tab, enter]]);
    expect(await searchSeveral(io, 'Which tables?', many)).toEqual(['t37']);
    const none = fakeTerminal([['Which tables?', enter]]);
    expect(await searchSeveral(none.io, 'Which tables?', many, { required: false })).toEqual([]);
  });

  it('show control characters of labels, hints and questions as escapes', async () => {
    const label = 'a\x1b]0;title\x07 b\n c';
    const { io, screen } = fakeTerminal([['Which', enter]]);
    expect(await chooseOne(io, 'Which\x1b[2J\nof them?', [{ value: 'x', label, hint: label }])).toBe('x');
    const escaped = 'a\\u001b]0;title\\u0007 b c';
    expect(screen()).toContain(`${escaped} (${escaped})`);
    expect(screen()).toContain('Which\\u001b[2J\n');
  });
});

describe('texts', () => {
  it('start with the initial value', async () => {
    expect(await askText(fakeTerminal([['Name', enter]]).io, 'Name', 'warehouse')).toBe('warehouse');
    const { io } = fakeTerminal([['Name', KEYS.backspace, 's', enter]]);
    expect(await askText(io, 'Name', 'salex')).toBe('sales');
  });

  it('may be empty', async () => {
    expect(await askText(fakeTerminal([['Name', enter]]).io, 'Name')).toBe('');
    expect(await askSecret(fakeTerminal([['Password', enter]]).io, 'Password')).toBe('');
  });

  it('are asked for again if they are not valid', async () => {
    const { io, unasked } = fakeTerminal([
      ['Port', 'x', enter],
      ['Not a number', KEYS.backspace, '7', enter],
    ]);
    const validate = (answer: string) => (/^\d*$/.test(answer) ? undefined : 'Not a number');
    expect(await askText(io, 'Port', '', validate)).toBe('7');
    expect(unasked()).toEqual([]);
  });

  it('are not shown if they are secret', async () => {
    const { io, screen } = fakeTerminal([['Password', 'hunter2', enter]]);
    expect(await askSecret(io, 'Password')).toBe('hunter2');
    expect(screen()).not.toContain('hunter2');
  });
});

describe('an interruption', () => {
  const interrupted = { code: 'KTX_INTERRUPTED', message: 'Interrupted' };

  it('by Ctrl-C rejects', async () => {
    for (const ask of [confirm, askText, askSecret]) {
      await expect(ask(fakeTerminal([['Question', ctrlC]]).io, 'Question')).rejects.toMatchObject(interrupted);
    }
  });

  it('by a signal rejects, and leaves no listener', async () => {
    const controller = new AbortController();
    const { io } = fakeTerminal([['Question', () => controller.abort()]], { signal: controller.signal });
    await expect(confirm(io, 'Question')).rejects.toMatchObject(interrupted);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('before the prompt rejects, and draws nothing', async () => {
    const { io, screen } = fakeTerminal([['Question', enter]], { signal: AbortSignal.abort() });
    await expect(confirm(io, 'Question')).rejects.toMatchObject(interrupted);
    expect(screen()).toBe('');
  });
});
