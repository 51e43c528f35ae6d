/** Prints and follows log files. */

import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import type { CliIo } from '../terminal/io.js';

const POLL_INTERVAL_MS = 200;
const CHUNK_BYTES = 64 * 1024;

/** Prints log files; with `follow` until interrupted or until `stdout` is closed. */
export async function showLogs(paths: string[], follow: boolean, io: CliIo): Promise<number> {
  const tails = paths.map((path) => new Tail(path));
  const printed = await printAppended(tails, io);
  if (!printed) io.stderr.write(`Nothing has been logged yet to ${paths.at(-1)}\n`);
  while (follow && !io.outputClosed?.aborted) {
    io.signal?.throwIfAborted();
    await delay(POLL_INTERVAL_MS);
    await printAppended(tails, io);
  }
  return 0;
}

/** Prints what was appended to the files; `false` if nothing was. */
async function printAppended(tails: Tail[], io: CliIo): Promise<boolean> {
  let printed = false;
  for (const tail of tails) {
    await tail.readAppended((text) => {
      printed = true;
      io.stdout.write(text);
    });
  }
  return printed;
}

/** Reads what was appended to a file since the last read; a replaced or truncated file is read from its start. */
class Tail {
  #position = 0;
  #inode: number | undefined;
  #decoder = new StringDecoder('utf8');

  constructor(private readonly path: string) {}

  /** Calls `write` with what was appended; a missing file is treated as empty. */
  async readAppended(write: (text: string) => void): Promise<void> {
    const file = await openIfExists(this.path);
    if (file === undefined) return;
    try {
      const { ino, size } = await file.stat();
      if (ino !== this.#inode || size < this.#position) this.#restart(ino);
      await this.#readTo(file, size, write);
    } finally {
      await file.close();
    }
  }

  #restart(inode: number): void {
    this.#position = 0;
    this.#inode = inode;
    this.#decoder = new StringDecoder('utf8');
  }

  async #readTo(file: FileHandle, end: number, write: (text: string) => void): Promise<void> {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    while (this.#position < end) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      write(this.#decoder.write(buffer.subarray(0, bytesRead)));
    }
  }
}

async function openIfExists(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
