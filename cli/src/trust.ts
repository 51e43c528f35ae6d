/** `ktx trust`, and what other commands do about a project that is not trusted. */

import { trustKtxProject } from '@kaelio/ktx';
import { type CliIo, isInteractive } from './io.js';
import { count, printResult } from './output.js';
import { endProgress } from './progress.js';
import { confirm } from './prompts.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxTrustArgs {
  projectDir: string;
  json?: true;
}

/** What the command calls of the addon. */
export interface KtxTrustDeps {
  trustKtxProject?: typeof trustKtxProject;
}

/** Records that a project may use the secrets that it refers to. */
export async function runKtxTrust(args: KtxTrustArgs, io: CliIo, deps: KtxTrustDeps = {}): Promise<number> {
  const trusted = await (deps.trustKtxProject ?? trustKtxProject)({ projectDir: args.projectDir });
  await printResult(io, args.json, trusted, () => {
    const { projectDir, references } = trusted;
    if (references.length === 0) return `Trusted ${projectDir}, which refers to nothing outside it\n`;
    const lines = references.map(
      ({ connectionId, references, target }) =>
        `  ${connectionId}: ${references.join(', ')}${target === null ? '' : ` → ${target}`}\n`,
    );
    return `Trusted ${projectDir} with what ${count(references.length, 'connection')} may use:\n${lines.join('')}`;
  });
  return 0;
}

/** The flag of commands that may come to secrets. */
export interface TrustFlag {
  /** Use what the project refers to in this call, without a question. */
  trust?: 'always';
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
