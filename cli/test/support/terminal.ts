/** A terminal that a test types into and whose screen it reads: a server of tmux of its own. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { onTestFinished, vi } from 'vitest';
import { cleanEnvironment } from './ktx.js';

const run = promisify(execFile);

/** Size of the screen, in characters. */
export interface ScreenSize {
  columns: number;
  rows: number;
}

/** Runs a command and prints its exit code, as tmux does not always know that of a pane. The shell survives Ctrl-C. */
const WITH_EXIT_CODE = 'trap : INT; "$@"; printf "\\nExit code: %s\\n" $?';
const EXIT_CODE = /^Exit code: (\d+)$/m;

/** A running command on a terminal. */
export class Terminal {
  readonly #socket = `ktx-test-${randomBytes(6).toString('hex')}`;

  /** Starts a command. The terminal stays open after its end. */
  static async start(
    command: string[],
    { cwd, env = {}, columns, rows }: { cwd: string; env?: Record<string, string> } & ScreenSize,
  ): Promise<Terminal> {
    const terminal = new Terminal();
    const size = ['-x', String(columns), '-y', String(rows)];
    const start = ['new-session', '-d', ...size, '-c', cwd, '--', 'sh', '-c', WITH_EXIT_CODE, 'sh', ...command];
    const environment = { ...cleanEnvironment(), LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', ...env };
    const keepOpen = [
      'set-option',
      '-g',
      'remain-on-exit',
      'on',
      ';',
      'set-option',
      '-g',
      'history-limit',
      '5000',
      ';',
    ];
    await run('tmux', ['-L', terminal.#socket, '-f', '/dev/null', ...keepOpen, ...start], { env: environment });
    onTestFinished(() => terminal.#close());
    return terminal;
  }

  /** Types keys: names of tmux, such as `Enter`, `Space` and `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  /** Types a text. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text);
  }

  /** Text of the screen; wrapped lines are joined. */
  async screen(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-J');
  }

  /** Text of the screen and of everything that has scrolled out of it. */
  async history(): Promise<string> {
    return this.#tmux('capture-pane', '-p', '-J', '-S', '-');
  }

  /** Waits until the screen shows a text or matches a pattern; fails with the screen. */
  async waitFor(expected: string | RegExp, timeout = 90_000): Promise<string> {
    let screen = '';
    const matches = () => (typeof expected === 'string' ? screen.includes(expected) : expected.test(screen));
    try {
      await vi.waitUntil(
        async () => {
          screen = await this.screen();
          return matches();
        },
        { timeout, interval: 100 },
      );
    } catch {
      throw new Error(`The screen does not show ${String(expected)}:\n${screen}`);
    }
    return screen;
  }

  /** Waits for the end of the command; returns its exit code. */
  async exitCode(): Promise<number> {
    const screen = await this.waitFor(EXIT_CODE);
    return Number(EXIT_CODE.exec(screen)?.[1]);
  }

  async #tmux(...args: string[]): Promise<string> {
    return (await run('tmux', ['-L', this.#socket, ...args])).stdout;
  }

  async #close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined);
  }
}
