import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { endProgress, progressOn } from '../../../src/terminal/progress.js';
import { StatusLine } from '../../../src/terminal/status-line.js';
import { makeIo } from '../../support/io.js';

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

  it('prints counts in tenths there, the last one among them', () => {
    const { io, stderr } = makeIo();
    const progress = progressOn(io);
    for (let done = 0; done <= 205; done += 1) progress('Reading dashboards', { done, total: 205 });
    progress('Reading looks', { done: 1, total: 1 });
    const lines = stderr().trimEnd().split('\n');
    expect(lines).toHaveLength(12);
    expect(lines.slice(0, 2)).toEqual(['Reading dashboards (0/205)', 'Reading dashboards (21/205)']);
    expect(lines.slice(-2)).toEqual(['Reading dashboards (205/205)', 'Reading looks (1/1)']);
  });

  it('draws a bar on a terminal, and none where there is nothing to count', () => {
    const { status, written } = terminal();
    const { io } = makeIo({ status });
    const progress = progressOn(io);
    const bars = [0, 1, 3, 6].map((done) => {
      progress('Staging', { done, total: 6 });
      return shown(written()).slice(2);
    });
    expect(bars).toEqual([
      `${'░'.repeat(24)} 0/6  Staging`,
      `${'█'.repeat(4)}${'░'.repeat(20)} 1/6  Staging`,
      `${'█'.repeat(12)}${'░'.repeat(12)} 3/6  Staging`,
      `${'█'.repeat(24)} 6/6  Staging`,
    ]);
    progress('Staging', { done: 0, total: 0 });
    expect(shown(written()).slice(2)).toBe('Staging');
    endProgress(io);
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
