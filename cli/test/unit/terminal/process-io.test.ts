import { EventEmitter } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createProcessIo, type ProcessHost } from '../../../src/terminal/process-io.js';

/** A stream that records what is written, and fails when the test says so. */
function stream(isTTY = false, columns?: number) {
  const written: string[] = [];
  return Object.assign(new EventEmitter(), { isTTY, columns, written, write: (chunk: string) => written.push(chunk) });
}

/** A process; streams are terminals as the test says. */
function start({ terminal = false, env = {} as Record<string, string> } = {}) {
  const [stdout, stderr] = [stream(terminal, 80), stream(terminal, 80)];
  const openStdin = vi.fn(() => ({ isTTY: terminal }));
  const host = Object.assign(new EventEmitter(), { stdout, stderr, env, exit: vi.fn(), exitCode: undefined });
  Object.defineProperty(host, 'stdin', { get: openStdin });
  const created = createProcessIo(host as unknown as ProcessHost);
  onTestFinished(() => created.io.status?.clear());
  return { ...created, host, stdout, stderr, openStdin };
}

const systemError = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('output', () => {
  it('is written unchanged to a file', () => {
    const { io, stdout, stderr } = start();
    io.stdout.write('a\x1b]0;title\x07');
    io.stderr.write('\x1b[31mred\x1b[39m');
    expect([stdout.written, stderr.written]).toEqual([['a\x1b]0;title\x07'], ['\x1b[31mred\x1b[39m']]);
    expect([io.stdout.isTTY, io.stderr.isTTY]).toEqual([false, false]);
  });

  it('keeps colours on a terminal, and escapes all other control characters', () => {
    const { io, stdout } = start({ terminal: true });
    io.stdout.write('\x1b[31mred\x1b[39m\x1b]0;title\x07\n');
    expect(stdout.written).toEqual(['\x1b[31mred\x1b[39m\\u001b]0;title\\u0007\n']);
  });

  it('has the width of the terminal, also after its window was resized', () => {
    const { io, stdout } = start({ terminal: true });
    expect(io.stdout.columns).toBe(80);
    stdout.columns = 40;
    expect(io.stdout.columns).toBe(40);
  });

  it('is not written over the status line', () => {
    const { io, stderr, stdout } = start({ terminal: true });
    io.status?.show('Working');
    io.stdout.write('a result\n');
    expect(stdout.written).toEqual(['a result\n']);
    expect(stderr.written).toHaveLength(3);
    expect(stderr.written[1]).toBe('\r\x1b[2K');
    expect(stderr.written[2]).toContain('Working');
  });

  it.each([
    ['without a terminal', { terminal: false }],
    ['on a terminal that cannot erase', { terminal: true, env: { TERM: 'dumb' } }],
  ])('has no status line %s', (_, options) => {
    expect(start(options).io).not.toHaveProperty('status');
  });
});

describe('standard input', () => {
  it('is opened on demand', () => {
    const { io, openStdin } = start({ terminal: true });
    expect(openStdin).not.toHaveBeenCalled();
    expect(io.stdin?.isTTY).toBe(true);
  });
});

describe('a closed reader', () => {
  it.each(['EPIPE', 'EIO'])('of stdout (%s) ends the output, which is no failure', (code) => {
    const { io, host, stdout, stderr, setExitCode } = start();
    expect(io.outputClosed?.aborted).toBe(false);
    stdout.emit('error', systemError(code, `write ${code}`));
    stdout.emit('error', systemError(code, `write ${code}`));
    expect(io.outputClosed?.aborted).toBe(true);
    expect(io.signal?.aborted).toBe(false);
    setExitCode(0);
    expect(host.exitCode).toBe(0);
    expect(stderr.written).toEqual([]);
  });

  it.each(['EPIPE', 'ENOSPC'])('of stderr (%s) is no failure either', (code) => {
    const { io, host, stderr, setExitCode } = start();
    stderr.emit('error', systemError(code, code));
    expect(io.outputClosed?.aborted).toBe(false);
    setExitCode(0);
    expect(host.exitCode).toBe(0);
  });
});

describe('a full disk', () => {
  const full = systemError('ENOSPC', 'ENOSPC: no space left on device, write');

  it('is reported once, and ends the output', () => {
    const { io, stdout, stderr } = start();
    stdout.emit('error', full);
    stdout.emit('error', full);
    expect(stderr.written).toEqual([
      'Error: Cannot write to standard output: ENOSPC: no space left on device, write\n',
      'Next: Check the target of the redirection and the free space there, then run the command again\n',
    ]);
    expect(io.outputClosed?.aborted).toBe(true);
  });

  it.each(['before', 'after'])('makes the exit code 1 if it is noticed %s the end of the command', (when) => {
    const { host, stdout, setExitCode } = start();
    if (when === 'after') setExitCode(0);
    stdout.emit('error', full);
    if (when === 'before') setExitCode(0);
    expect(host.exitCode).toBe(1);
  });
});

describe('an interruption', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('by %s aborts the command; the second one exits', (name) => {
    const { io, host } = start();
    host.emit(name);
    expect(io.signal?.reason).toMatchObject({ code: 'KTX_INTERRUPTED' });
    expect(host.exit).not.toHaveBeenCalled();
    host.emit(name);
    expect(host.exit).toHaveBeenCalledExactlyOnceWith(130);
  });
});

it('gives each call an id of its own', () => {
  const ids = [start().io.requestId, start().io.requestId];
  expect(ids[0]).toMatch(/^[\w.-]{1,48}$/);
  expect(ids[0]).not.toBe(ids[1]);
});
