/** One line on a terminal that says what is going on, and vanishes. */

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MILLISECONDS = 80;
const ERASE_LINE = '\r\x1b[2K';

/** A terminal's `stderr`, as far as a status line needs it. */
export interface StatusTerminal {
  write(chunk: string): unknown;
  columns?: number;
}

/**
 * A spinner with a text, behind a bar where there is something to count.
 *
 * Not the prompt library's spinner and progress bar: those put the terminal into raw mode and leave the process at the
 * first Ctrl-C, so that nothing could clean up. This one touches nothing but its line.
 */
export class StatusLine {
  #text = '';
  #bar: string | undefined;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly terminal: StatusTerminal) {}

  /** Shows a text, and a bar before it, until the next one or until {@link clear}. */
  show(text: string, bar?: string): void {
    this.#text = text;
    this.#bar = bar;
    this.#draw();
    this.#timer ??= setInterval(() => {
      this.#frame = (this.#frame + 1) % FRAMES.length;
      this.#draw();
    }, FRAME_MILLISECONDS).unref();
  }

  /** Removes the line; the next {@link show} brings it back. */
  clear(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.terminal.write(ERASE_LINE);
  }

  /** Lets something else write without being drawn over. */
  around(write: () => unknown): void {
    if (this.#timer === undefined) {
      write();
      return;
    }
    this.terminal.write(ERASE_LINE);
    write();
    this.#draw();
  }

  #draw(): void {
    // A line that wraps could not be erased, hence the cut. A terminal that does not know its width says 0.
    const room = (this.terminal.columns || 80) - 3;
    const line = this.#bar === undefined ? this.#text : `${this.#bar}  ${this.#text}`;
    this.terminal.write(`${ERASE_LINE}${FRAMES[this.#frame]} ${[...line].slice(0, room).join('')}`);
  }
}
