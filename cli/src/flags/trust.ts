/** The flag `--trust` of commands that may use the secrets of a project. */

import type { Command } from 'commander';
import type { CliIo } from '../terminal/io.js';
import { isInteractive } from '../terminal/io.js';
import { endProgress } from '../terminal/progress.js';
import { confirm } from '../terminal/prompts.js';

/** Parsed flag. */
export interface ParsedTrustFlag {
  trust?: boolean;
}

/** Argument of the commands that the flag is parsed into. */
export interface TrustFlag {
  /** Use the secrets that the project refers to, in this call, without asking. */
  trust?: 'always';
}

/** Adds `--trust`. */
export function addTrustFlag(command: Command): Command {
  return command.option('--trust', 'use the secrets that the project refers to, once, without asking');
}

/** Converts the flag into the argument. */
export function trustOf({ trust }: ParsedTrustFlag): TrustFlag {
  return trust === true ? { trust: 'always' } : {};
}

/** Trust options for the addon: a prompt on a terminal; without a terminal the addon rejects untrusted projects. */
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
