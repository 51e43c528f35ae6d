/** Folders in arguments, and the project folder of a command. */

import { isAbsolute, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError } from '../errors.js';
import { type CliIo, workingDirOf } from '../terminal/io.js';

/** The absolute path of `--project-dir`, if it is set. */
export function explicitProjectDir(command: Command, io: CliIo): string | undefined {
  const { projectDir } = command.optsWithGlobals<{ projectDir?: string }>();
  return projectDir === undefined ? undefined : resolveDir('--project-dir', projectDir, io);
}

/** Resolves a folder against the working folder. Errors: an empty text; the message names the argument. */
export function resolveDir(argument: string, dir: string, io: CliIo): string {
  if (dir.trim() === '') throw new CliError('KTX_ARGUMENT_INVALID', `${argument} needs a folder`);
  return isAbsolute(dir) ? resolve(dir) : resolve(workingDirOf(io), dir);
}

/** The project folder of a command: `--project-dir`, else the nearest folder upwards with a `ktx.yaml`. */
export async function projectDirOf(command: Command, io: CliIo): Promise<string> {
  const explicit = explicitProjectDir(command, io);
  if (explicit !== undefined) return explicit;
  const { findKtxProjectDir } = await import('@kaelio/ktx');
  return findKtxProjectDir({ startDir: workingDirOf(io) });
}
