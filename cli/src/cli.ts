/** Runs one invocation of the command line, from its arguments to an exit code. */

import { CommanderError } from 'commander';
import { CommandLog } from './command-log.js';
import { defaultCommands, type KtxCliDeps } from './deps.js';
import { EXIT_INTERRUPTED, InterruptedError } from './errors.js';
import { asksForJson } from './flags/format.js';
import { printFailure } from './output/print.js';
import { packageVersion } from './package-info.js';
import { createProgram, helpExitCode, usageError } from './program.js';
import type { CliIo } from './terminal/io.js';
import { endProgress } from './terminal/progress.js';

/**
 * Runs `ktx` with its arguments, without the name of the program.
 *
 * Returns the exit code (0 done, 1 failed or refused, 130 interrupted) and never ends the process. `deps` replaces
 * commands.
 */
export async function runKtxCli(argv: readonly string[], io: CliIo, deps: Partial<KtxCliDeps> = {}): Promise<number> {
  let exitCode = 0;
  const context = {
    io,
    deps: { cliVersion: deps.cliVersion ?? packageVersion(), ...defaultCommands, ...deps },
    exit: (code: number) => {
      exitCode = code;
    },
  };
  const program = createProgram(context);
  const log = new CommandLog(program, argv, io);
  try {
    await program.parseAsync(argv, { from: 'user' });
    await log.logFinished(exitCode);
    return exitCode;
  } catch (error) {
    const failure = error instanceof CommanderError ? usageError(error, program, argv) : error;
    const code = helpExitCode(error) ?? (await reportFailure(failure, argv, io));
    if (failure === error) await log.logFailed(error, code);
    return code;
  } finally {
    log.close();
    endProgress(io);
  }
}

async function reportFailure(error: unknown, argv: readonly string[], io: CliIo): Promise<number> {
  endProgress(io);
  const json = asksForJson(argv);
  if (io.signal?.aborted || error instanceof InterruptedError) {
    await printFailure(io, json, error instanceof InterruptedError ? error : new InterruptedError());
    return EXIT_INTERRUPTED;
  }
  await printFailure(io, json, error);
  return 1;
}
