/** Input of a server without the lines that it cannot take, each of which is answered. */

import { Transform, type TransformCallback } from 'node:stream';
import { checkLine, type RejectedLine, rejectLongLine } from './message-check.js';

const LINE_BREAK = 0x0a;

/** Passes valid lines on, one chunk each. A line over the limit takes no memory beyond it. */
export class CheckedLines extends Transform {
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly answer: (rejection: RejectedLine) => void,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_BREAK); end >= 0; end = chunk.indexOf(LINE_BREAK, start)) {
      this.#append(chunk.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    this.#append(chunk.subarray(start));
    callback();
  }

  #append(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.maxBytes) this.#parts = [];
    else this.#parts.push(part);
  }

  #endLine(): void {
    const line = Buffer.concat(this.#parts).toString();
    const isTooLong = this.#bytes > this.maxBytes;
    this.#parts = [];
    this.#bytes = 0;
    if (!isTooLong && line.trim() === '') return;
    const checked = isTooLong ? rejectLongLine(this.maxBytes) : checkLine(line);
    if (typeof checked === 'string') this.push(`${checked}\n`);
    else this.answer(checked);
  }
}
