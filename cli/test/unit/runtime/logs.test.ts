import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InterruptedError } from '../../../src/errors.js';
import { showLogs } from '../../../src/runtime/logs.js';
import { makeIo } from '../../support/io.js';

let dir: string;
let layout: { daemonStdoutPath: string; daemonStderrPath: string };
let paths: string[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ktx-logs-'));
  layout = { daemonStdoutPath: join(dir, 'out.log'), daemonStderrPath: join(dir, 'err.log') };
  paths = [layout.daemonStdoutPath, layout.daemonStderrPath];
});

afterEach(() => rm(dir, { recursive: true, force: true }));

describe('showLogs', () => {
  it('prints the complete log, with characters that span two chunks', async () => {
    const text = `${'é'.repeat(64 * 1024)}x${'é'.repeat(10)}\n`;
    await writeFile(layout.daemonStderrPath, `x${text}`);
    const { io, stdout } = makeIo();
    expect(await showLogs(paths, false, io)).toBe(0);
    expect(stdout()).toBe(`x${text}`);
  });

  it.each([undefined, ''])('reports an empty or missing log: %j', async (content) => {
    if (content !== undefined) await writeFile(layout.daemonStderrPath, content);
    const { io, stdout, stderr } = makeIo();
    expect(await showLogs(paths, false, io)).toBe(0);
    expect(stdout()).toBe('');
    expect(stderr()).toContain(layout.daemonStderrPath);
  });

  it('follows appended text and a replaced file until interrupted', async () => {
    const interruption = new AbortController();
    const { io, stdout } = makeIo({ signal: interruption.signal });
    await writeFile(layout.daemonStderrPath, 'one\n');
    const following = showLogs(paths, true, io);
    await vi.waitFor(() => expect(stdout()).toBe('one\n'), { timeout: 20_000 });
    await appendFile(layout.daemonStderrPath, 'two\n');
    await vi.waitFor(() => expect(stdout()).toBe('one\ntwo\n'), { timeout: 20_000 });
    await writeFile(layout.daemonStderrPath, 'new\n');
    await vi.waitFor(() => expect(stdout()).toBe('one\ntwo\nnew\n'), { timeout: 20_000 });
    interruption.abort(new InterruptedError());
    await expect(following).rejects.toBeInstanceOf(InterruptedError);
  });

  it('stops following when stdout is closed', async () => {
    const closed = new AbortController();
    const { io } = makeIo({ outputClosed: closed.signal });
    await writeFile(layout.daemonStderrPath, 'one\n');
    const following = showLogs(paths, true, io);
    closed.abort();
    expect(await following).toBe(0);
  });
});
