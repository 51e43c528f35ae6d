/** Terminal in memory, which answers the prompts of a command with keys. */

import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { makeIo, type TestIo } from './io.js';

/** Keys as a terminal sends them. */
export const KEYS = { enter: '\r', down: '\x1b[B', space: ' ', tab: '\t', backspace: '\x7f', ctrlC: '\x03' } as const;

/** A part of a question, and the keys that answer it; a function is called in place of a key. */
export type Answer = [question: string, ...keys: (string | (() => void))[]];

/** An interactive `CliIo`, and the prompts that were drawn. */
export interface FakeTerminal extends TestIo {
  /** Text of all prompts. */
  screen(): string;
  /** Questions that were not asked. */
  unasked(): string[];
}

/**
 * Creates one without colours. Each answer waits until its question is drawn; a question without an answer is answered
 * with Ctrl-C, so that the command ends.
 */
export function fakeTerminal(answers: Answer[], overrides: Parameters<typeof makeIo>[0] = {}): FakeTerminal {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const remaining = [...answers];
  let screen = '';
  let drawn = '';
  const press = (keys: Answer[1][]) => {
    for (const key of keys) typeof key === 'string' ? input.write(key) : key();
  };
  const respond = () => {
    const [question, ...keys] = remaining[0] ?? [''];
    if (!stripVTControlCharacters(drawn).includes(question)) return;
    if (question === '' && !isQuestion(drawn)) return;
    drawn = '';
    remaining.shift();
    setImmediate(press, question === '' ? [KEYS.ctrlC] : keys);
  };
  const output = new Writable({
    write(chunk, _, done) {
      drawn += chunk;
      screen += chunk;
      respond();
      done();
    },
  });
  Object.assign(output, { isTTY: true, columns: 100, rows: 40 });
  const env = { NO_COLOR: '1', ...overrides.env };
  const testIo = makeIo({ stdin: { isTTY: true }, terminal: { input, output }, ...overrides, env });
  testIo.io.stderr.isTTY = true;
  return {
    ...testIo,
    screen: () => stripVTControlCharacters(screen),
    unasked: () => remaining.map(([question]) => question),
  };
}

/** Whether text has the cursor of an open prompt. */
function isQuestion(text: string): boolean {
  return /[◆▲]/.test(text);
}
