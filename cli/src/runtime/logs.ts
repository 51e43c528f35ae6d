/** The log of the daemon, as it is and as it grows. */

import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import type { ManagedPythonRuntimeLayout } from '@kaelio/ktx';
import type { CliIo } from '../terminal/io.js';

const LOOK_EVERY_MILLISECONDS = 200;
const CHUNK_BYTES = 64 * 1024;

/** Prints what the daemon logged; with `follow` until interrupted, or until `stdout` is closed. */
export async function showLogs(
  layout: Pick<ManagedPythonRuntimeLayout, 'daemonStdoutPath' | 'daemonStderrPath'>,
  follow: boolean,
  io: CliIo,
): Promise<number> {
  const tails = [layout.daemonStdoutPath, layout.daemonStderrPath].map((path) => new Tail(path));
  const printed = await printNew(tails, io);
  if (!printed) io.stderr.write(`No daemon has logged anything yet to ${layout.daemonStderrPath}\n`);
  while (follow && !io.outputClosed?.aborted) {
    io.signal?.throwIfAborted();
    await delay(LOOK_EVERY_MILLISECONDS);
    await printNew(tails, io);
  }
  return 0;
}

/** Prints what is new in any of the files; `false` if nothing is. */
async function printNew(tails: Tail[], io: CliIo): Promise<boolean> {
  let printed = false;
  for (const tail of tails) {
    await tail.readNew((text) => {
      printed = true;
      io.stdout.write(text);
    });
  }
  return printed;
}

/** Reads what a file gained since the last look; a file that was replaced or cut is read from its beginning. */
class Tail {
  #position = 0;
  #inode: number | undefined;
  #decoder = new StringDecoder('utf8');

  constructor(private readonly path: string) {}

  /** Hands on what is new; a file that is not there has nothing. */
  async readNew(write: (text: string) => void): Promise<void> {
    const file = await openIfThere(this.path);
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

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
