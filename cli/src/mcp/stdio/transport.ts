/** Transport over standard input and output that answers invalid messages, and lives on. */

import type { Readable, Writable } from 'node:stream';
import { STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { CheckedLines } from './checked-lines.js';

/** Maximum bytes of a line without its line break; the library ends the connection at a longer one. */
const MAX_LINE_BYTES = STDIO_DEFAULT_MAX_BUFFER_SIZE - 1;

/** Reads checked lines. */
export class CheckedStdioTransport extends StdioServerTransport {
  readonly #lines: CheckedLines;

  constructor(
    private readonly input: Readable = process.stdin,
    output: Writable = process.stdout,
  ) {
    const lines = new CheckedLines(MAX_LINE_BYTES, (answer) => void output.write(`${JSON.stringify(answer)}\n`));
    super(lines, output);
    this.#lines = lines;
  }

  override async start(): Promise<void> {
    await super.start();
    this.input.on('error', (error) => this.#lines.destroy(error));
    this.input.on('close', () => this.#lines.end());
    this.input.pipe(this.#lines);
  }

  override async close(): Promise<void> {
    // The process ends when no one reads its input.
    this.input.unpipe(this.#lines).pause();
    await super.close();
  }
}
