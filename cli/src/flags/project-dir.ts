/** Folders that the user names, and the project of a command. */

import { isAbsolute, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError } from '../errors.js';
import { type CliIo, workingDirOf } from '../terminal/io.js';

/** The folder of `--project-dir`, absolute, if it was given. */
export function explicitProjectDir(command: Command, io: CliIo): string | undefined {
  const { projectDir } = command.optsWithGlobals<{ projectDir?: string }>();
  return projectDir === undefined ? undefined : absoluteDir('--project-dir', projectDir, io);
}

/** A folder that the user named, absolute. */
export function absoluteDir(argument: string, dir: string, io: CliIo): string {
  if (dir.trim() === '') throw new CliError('KTX_ARGUMENT_INVALID', `${argument} needs a folder`);
  return isAbsolute(dir) ? resolve(dir) : resolve(workingDirOf(io), dir);
}

/** The project of a command: `--project-dir`, else the nearest folder upwards with a `ktx.yaml`. */
export async function projectDirOf(command: Command, io: CliIo): Promise<string> {
  const explicit = explicitProjectDir(command, io);
  if (explicit !== undefined) return explicit;
  const { findKtxProjectDir } = await import('@kaelio/ktx');
  return findKtxProjectDir({ startDir: workingDirOf(io) });
}
