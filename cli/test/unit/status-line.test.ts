import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { endProgress, progressOn } from '../../src/progress.js';
import { StatusLine } from '../../src/status-line.js';
import { makeIo } from '../support/io.js';

/** What a terminal of one line would show after these writes. */
function shown(written: string): string {
  const afterErase = written.slice(written.lastIndexOf('\x1b[2K') + 4);
  return stripVTControlCharacters(afterErase);
}

function terminal(columns?: number) {
  let written = '';
  const write = (chunk: string) => (written += chunk);
  const status = new StatusLine({ write, ...(columns === undefined ? {} : { columns }) });
  return { status, write, written: () => written };
}

afterEach(() => vi.useRealTimers());

describe('StatusLine', () => {
  it('shows the text, turns its sign, and leaves nothing behind', () => {
    vi.useFakeTimers();
    const { status, written } = terminal();
    status.show('Installing');
    const first = shown(written());
    vi.advanceTimersByTime(100);
    expect(first).toMatch(/^\S Installing$/);
    expect(shown(written())).not.toBe(first);
    status.clear();
    expect(shown(written())).toBe('');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('makes room for what others write, and comes back', () => {
    const { status, write, written } = terminal();
    status.show('Working');
    status.around(() => write('a message\n'));
    status.clear();
    expect(written()).toContain('\x1b[2Ka message\n\r\x1b[2K⠋ Working');
  });

  it('never grows wider than the terminal', () => {
    const { status, written } = terminal(20);
    status.show('x'.repeat(200));
    status.clear();
    expect(
      Math.max(
        ...stripVTControlCharacters(written())
          .split('\r')
          .map((line) => line.length),
      ),
    ).toBeLessThan(20);
  });
});

describe('a terminal that does not know its width', () => {
  it('gets the whole text', () => {
    const { status, written } = terminal(0);
    status.show('Installing');
    expect(shown(written())).toMatch(/^\S Installing$/);
    status.clear();
  });
});

describe('progressOn', () => {
  it('prints plain lines, each once in a row, where there is no terminal', () => {
    const { io, stderr } = makeIo();
    const progress = progressOn(io);
    for (const message of ['Reading', 'Reading', 'Staging', 'Reading']) progress(message);
    endProgress(io);
    expect(stderr()).toBe('Reading\nStaging\nReading\n');
  });

  it('uses the status line where there is one', () => {
    const { status, written } = terminal();
    const { io, stderr } = makeIo({ status });
    progressOn(io)('Reading');
    expect(shown(written())).toContain('Reading');
    endProgress(io);
    expect(shown(written())).toBe('');
    expect(stderr()).toBe('');
  });
});
