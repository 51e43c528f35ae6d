/** Log events of one invocation: the command, its outcome, and the level that `--log-level` sets. */

import type { Command } from 'commander';
import { describeFailure } from './errors.js';
import { logEvent, logLevelOf } from './log.js';
import { commandPath } from './program.js';
import { type CliIo, environmentOf } from './terminal/io.js';

/** Logs the outcome of an invocation; arguments are not logged, as they may be SQL or secrets. */
export class CommandLog {
  readonly #startedAt = performance.now();
  readonly #program: Command;
  readonly #argv: readonly string[];
  readonly #io: CliIo;
  /** The level of the process before this invocation; the process may run others. */
  readonly #previousLevel = process.env.KTX_LOG_LEVEL;

  constructor(program: Command, argv: readonly string[], io: CliIo) {
    this.#program = program;
    this.#argv = argv;
    this.#io = io;
    program.hook('preAction', () => this.#setLevel());
  }

  /** Logs a command that returned. */
  async logFinished(exitCode: number): Promise<void> {
    await this.#log('debug', 'command.finished', { exit_code: exitCode });
  }

  /** Logs a command that failed, without its message, which may quote values of a database. */
  async logFailed(error: unknown, exitCode: number): Promise<void> {
    await this.#log('error', 'command.failed', { exit_code: exitCode, code: describeFailure(error).code });
  }

  /** Restores the level of the process. */
  close(): void {
    if (this.#previousLevel === undefined) delete process.env.KTX_LOG_LEVEL;
    else process.env.KTX_LOG_LEVEL = this.#previousLevel;
  }

  /** Checks `KTX_LOG_LEVEL`, and sets it to `--log-level` for the addon and for a daemon that it starts. */
  #setLevel(): void {
    logLevelOf(environmentOf(this.#io));
    const { logLevel } = this.#program.opts<{ logLevel?: string }>();
    if (logLevel !== undefined) process.env.KTX_LOG_LEVEL = logLevel;
  }

  async #log(level: 'debug' | 'error', event: string, outcome: Record<string, unknown>): Promise<void> {
    const { requestId } = this.#io;
    const command = commandPath(this.#program, this.#argv).map((each) => each.name());
    const fields = { command: command.join(' '), ...outcome, ms: Math.round(performance.now() - this.#startedAt) };
    await logEvent({ level, event, ...(requestId === undefined ? {} : { requestId }), fields });
  }
}
