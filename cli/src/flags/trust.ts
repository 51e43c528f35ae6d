/** The flag `--trust` of commands that may use the secrets of a project. */

import type { Command } from 'commander';
import type { CliIo } from '../terminal/io.js';
import { isInteractive } from '../terminal/io.js';
import { endProgress } from '../terminal/progress.js';
import { confirm } from '../terminal/prompts.js';

/** The flag as it is parsed. */
export interface ParsedTrustFlag {
  trust?: boolean;
}

/** The argument of a command. */
export interface TrustFlag {
  /** Use what the project refers to in this call, without a question. */
  trust?: 'always';
}

/** Adds `--trust`. */
export function addTrustFlag(command: Command): Command {
  return command.option('--trust', 'use the secrets that the project refers to, this time without asking');
}

/** The argument that the flag selects. */
export function trustOf({ trust }: ParsedTrustFlag): TrustFlag {
  return trust === true ? { trust: 'always' } : {};
}

/** Options of the addon for a command: asks once on a terminal; without one the addon refuses. */
export function trustOptions(
  { trust }: TrustFlag,
  io: CliIo,
): TrustFlag & { confirmTrust?: (question: string) => Promise<boolean> } {
  if (trust !== undefined) return { trust };
  if (!isInteractive(io)) return {};
  return {
    confirmTrust: (question) => {
      endProgress(io);
      return confirm(io, question, false);
    },
  };
}
