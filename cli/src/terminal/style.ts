/** Text styles for terminals; disabled by `NO_COLOR`. */

import { styleText } from 'node:util';
import { type CliIo, environmentOf } from './io.js';

type Format = Parameters<typeof styleText>[0];

/** Functions that style a text, or return it unchanged. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

const unstyled = (text: string) => text;

/** Leaves every text unchanged. */
export const PLAIN: Style = { bold: unstyled, dim: unstyled, green: unstyled, red: unstyled, yellow: unstyled };

/** The styles of a stream: none unless it is a terminal with escape sequences and `NO_COLOR` is empty. */
export function styleOf(io: CliIo, stream: { isTTY?: boolean } = io.stdout): Style {
  const { NO_COLOR, TERM } = environmentOf(io);
  const coloured = stream.isTTY === true && !NO_COLOR && TERM !== 'dumb';
  // `styleText` would check `process.stdout` and its own variables; both are decided above.
  if (!coloured) return PLAIN;
  const paint = (format: Format) => (text: string) => styleText(format, text, { validateStream: false });
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    green: paint('green'),
    red: paint('red'),
    yellow: paint('yellow'),
  };
}
