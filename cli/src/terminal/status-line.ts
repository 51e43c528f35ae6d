/** Status line on a terminal: a spinner, a bar and a text, erased at the end. */

import { escapeOnOneLine } from '../output/control-characters.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_INTERVAL_MS = 80;
const ERASE_LINE = '\r\x1b[2K';

/** The part of a terminal stream that a status line uses. */
export interface StatusTerminal {
  write(chunk: string): unknown;
  columns?: number;
}

/**
 * A spinner, an optional bar, and a text.
 *
 * The spinner of the prompt library is not used: it puts the terminal into raw mode and exits at the first Ctrl-C, which
 * prevents cleanup.
 */
export class StatusLine {
  #text = '';
  #bar: string | undefined;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly terminal: StatusTerminal) {}

  /** Shows a text, with a bar before it, until the next call or {@link clear}. */
  show(text: string, bar?: string): void {
    this.#text = escapeOnOneLine(text);
    this.#bar = bar;
    this.#draw();
    this.#timer ??= setInterval(() => {
      this.#frame = (this.#frame + 1) % FRAMES.length;
      this.#draw();
    }, FRAME_INTERVAL_MS).unref();
  }

  /** Erases the line and stops the spinner; {@link show} starts it again. */
  clear(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.terminal.write(ERASE_LINE);
  }

  /** Erases the line while `write` runs, so that its output is not overwritten. */
  suspend(write: () => unknown): void {
    if (this.#timer === undefined) {
      write();
      return;
    }
    this.terminal.write(ERASE_LINE);
    write();
    this.#draw();
  }

  #draw(): void {
    // A wrapped line cannot be erased, hence the truncation. A terminal of unknown width reports 0.
    const width = (this.terminal.columns || 80) - 3;
    const line = this.#bar === undefined ? this.#text : `${this.#bar}  ${this.#text}`;
    this.terminal.write(`${ERASE_LINE}${FRAMES[this.#frame]} ${[...line].slice(0, width).join('')}`);
  }
}
