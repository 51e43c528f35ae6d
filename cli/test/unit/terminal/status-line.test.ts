import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createProgress, endProgress } from '../../../src/terminal/progress.js';
import { StatusLine } from '../../../src/terminal/status-line.js';
import { makeIo } from '../../support/io.js';

/** Content of a one-line terminal after these writes. */
function screenOf(written: string): string {
  const afterErase = written.slice(written.lastIndexOf('\x1b[2K') + 4);
  return stripVTControlCharacters(afterErase);
}

function createTerminal(columns?: number) {
  let written = '';
  const write = (chunk: string) => (written += chunk);
  const status = new StatusLine({ write, ...(columns === undefined ? {} : { columns }) });
  return { status, write, written: () => written };
}

afterEach(() => vi.useRealTimers());

describe('StatusLine', () => {
  it('shows the text, animates the spinner, and erases the line', () => {
    vi.useFakeTimers();
    const { status, written } = createTerminal();
    status.show('Installing');
    const first = screenOf(written());
    vi.advanceTimersByTime(100);
    expect(first).toMatch(/^\S Installing$/);
    expect(screenOf(written())).not.toBe(first);
    status.clear();
    expect(screenOf(written())).toBe('');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('erases the line for other output, and draws it again', () => {
    const { status, write, written } = createTerminal();
    status.show('Working');
    status.suspend(() => write('a message\n'));
    status.clear();
    expect(written()).toContain('\x1b[2Ka message\n\r\x1b[2K⠋ Working');
  });

  it('truncates the line to the width of the terminal', () => {
    const { status, written } = createTerminal(20);
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

describe('a terminal of unknown width', () => {
  it('shows the complete text', () => {
    const { status, written } = createTerminal(0);
    status.show('Installing');
    expect(screenOf(written())).toMatch(/^\S Installing$/);
    status.clear();
  });
});

describe('createProgress', () => {
  it('prints plain lines without a terminal, repeated ones once', () => {
    const { io, stderr } = makeIo();
    const progress = createProgress(io);
    for (const message of ['Reading', 'Reading', 'Staging', 'Reading']) progress(message);
    endProgress(io);
    expect(stderr()).toBe('Reading\nStaging\nReading\n');
  });

  it('prints counts at every tenth without a terminal, including the last', () => {
    const { io, stderr } = makeIo();
    const progress = createProgress(io);
    for (let done = 0; done <= 205; done += 1) progress('Reading dashboards', { done, total: 205 });
    progress('Reading looks', { done: 1, total: 1 });
    const lines = stderr().trimEnd().split('\n');
    expect(lines).toHaveLength(12);
    expect(lines.slice(0, 2)).toEqual(['Reading dashboards (0/205)', 'Reading dashboards (21/205)']);
    expect(lines.slice(-2)).toEqual(['Reading dashboards (205/205)', 'Reading looks (1/1)']);
  });

  it('draws a bar on a terminal, and none without a total', () => {
    const { status, written } = createTerminal();
    const { io } = makeIo({ status });
    const progress = createProgress(io);
    const bars = [0, 1, 3, 6].map((done) => {
      progress('Staging', { done, total: 6 });
      return screenOf(written()).slice(2);
    });
    expect(bars).toEqual([
      `${'░'.repeat(24)} 0/6  Staging`,
      `${'█'.repeat(4)}${'░'.repeat(20)} 1/6  Staging`,
      `${'█'.repeat(12)}${'░'.repeat(12)} 3/6  Staging`,
      `${'█'.repeat(24)} 6/6  Staging`,
    ]);
    progress('Staging', { done: 0, total: 0 });
    expect(screenOf(written()).slice(2)).toBe('Staging');
    endProgress(io);
  });

  it('uses the status line of a terminal', () => {
    const { status, written } = createTerminal();
    const { io, stderr } = makeIo({ status });
    createProgress(io)('Reading');
    expect(screenOf(written())).toContain('Reading');
    endProgress(io);
    expect(screenOf(written())).toBe('');
    expect(stderr()).toBe('');
  });
});
