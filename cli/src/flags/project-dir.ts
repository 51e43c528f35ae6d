/** Folders in arguments, and the project folder of a command. */

import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError } from '../errors.js';
import { type CliIo, environmentOf, workingDirOf } from '../terminal/io.js';

/** Variable with the project folder. */
const PROJECT_DIR_VARIABLE = 'KTX_PROJECT_DIR';

/** The absolute path of `--project-dir`, if it is set. */
export function explicitProjectDir(command: Command, io: CliIo): string | undefined {
  const { projectDir } = command.optsWithGlobals<{ projectDir?: string }>();
  return projectDir === undefined ? undefined : resolveDir('--project-dir', projectDir, io);
}

/** The absolute path of `--project-dir`, else of `KTX_PROJECT_DIR`; the folder need not exist. */
export function namedProjectDir(command: Command, io: CliIo): string | undefined {
  return explicitProjectDir(command, io) ?? projectDirOfVariable(io);
}

/** Resolves a folder against the working folder. Errors: an empty text; the message names the argument. */
export function resolveDir(argument: string, dir: string, io: CliIo): string {
  if (dir.trim() === '') throw new CliError('KTX_ARGUMENT_INVALID', `${argument} needs a folder`);
  return isAbsolute(dir) ? resolve(dir) : resolve(workingDirOf(io), dir);
}

/**
 * The project folder of a command: `--project-dir`, else `KTX_PROJECT_DIR`, else the nearest folder upwards with a
 * `ktx.yaml`.
 */
export async function projectDirOf(command: Command, io: CliIo): Promise<string> {
  const explicit = explicitProjectDir(command, io);
  if (explicit !== undefined) return explicit;
  const ofVariable = projectDirOfVariable(io);
  if (ofVariable !== undefined) return existingProjectDir(ofVariable);
  const { findKtxProjectDir } = await import('@kaelio/ktx');
  return findKtxProjectDir({ startDir: workingDirOf(io) });
}

/** The folder in `KTX_PROJECT_DIR`; empty counts as not set. */
function projectDirOfVariable(io: CliIo): string | undefined {
  const value = environmentOf(io)[PROJECT_DIR_VARIABLE];
  if (value === undefined || value === '') return undefined;
  return resolveDir(PROJECT_DIR_VARIABLE, value, io);
}

function existingProjectDir(dir: string): string {
  if (existsSync(join(dir, 'ktx.yaml'))) return dir;
  const message = `${PROJECT_DIR_VARIABLE} is ${dir}, which has no ktx.yaml`;
  const next = 'Correct the variable, unset it, or create a project there with: ktx init';
  throw new CliError('KTX_PROJECT_MISSING', message, next);
}
