import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { readTextInput } from '../../../src/terminal/text-input.js';
import { makeIo } from '../../support/io.js';

const MEBIBYTE = 1024 * 1024;

let cwd: string;
beforeEach(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'ktx-input-')));
  return () => rm(cwd, { recursive: true, force: true });
});

const read = (...chunks: (string | Uint8Array)[]) => readTextInput('-', makeIo({ stdin: Readable.from(chunks) }).io);

describe('standard input', () => {
  it('is joined before it is decoded: a character may be in two chunks', async () => {
    const bytes = new TextEncoder().encode('SELECT ü');
    expect(await read(bytes.subarray(0, 8), bytes.subarray(8))).toBe('SELECT ü');
  });

  it('is empty if there is none', async () => {
    expect(await readTextInput('-', makeIo().io)).toBe('');
    expect(await readTextInput('-', makeIo({ stdin: { isTTY: true } }).io)).toBe('');
  });

  it('must be UTF-8', async () => {
    await expect(read(Uint8Array.of(0x53, 0xff))).rejects.toMatchObject({
      ...{ code: 'KTX_ARGUMENT_INVALID', message: 'The standard input is not UTF-8 text', next: 'Save it as UTF-8' },
    });
  });

  it('has 16 MiB at most', async () => {
    const chunk = new Uint8Array(MEBIBYTE).fill(0x20);
    const full = Array.from({ length: 16 }, () => chunk);
    expect(await read(...full)).toHaveLength(16 * MEBIBYTE);
    await expect(read(...full, 'x')).rejects.toMatchObject({ message: 'The standard input has more than 16 MiB' });
  });
});

describe('a file', () => {
  it('is relative to the working folder, and named in errors', async () => {
    await writeFile(join(cwd, 'a.sql'), 'SELECT 1\n');
    await writeFile(join(cwd, 'b.sql'), Uint8Array.of(0xff));
    const { io } = makeIo({ cwd });
    expect(await readTextInput('a.sql', io)).toBe('SELECT 1\n');
    await expect(readTextInput('b.sql', io)).rejects.toMatchObject({ message: 'b.sql is not UTF-8 text' });
    await expect(readTextInput('c.sql', io)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
