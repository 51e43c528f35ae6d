/** Colour on `stdout`, where it is a terminal and `NO_COLOR` is not set. */

import { styleText } from 'node:util';
import { type CliIo, environmentOf } from './io.js';

type Format = Parameters<typeof styleText>[0];

/** Colours text, or leaves it as it is. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  change(text: string): string;
}

/** The style of a stream: plain unless it is a terminal that knows escapes; any non-empty `NO_COLOR` makes it plain too. */
export function styleOf(io: CliIo, stream: { isTTY?: boolean } = io.stdout): Style {
  const { NO_COLOR, TERM } = environmentOf(io);
  const coloured = stream.isTTY === true && !NO_COLOR && TERM !== 'dumb';
  // Which stream is meant, and what its user wants, is decided above.
  const paint = (format: Format) => (text: string) =>
    coloured ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    good: paint('green'),
    bad: paint('red'),
    change: paint('yellow'),
  };
}
