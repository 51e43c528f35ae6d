/** Runs `ktx trust`. */

import { trustKtxProject } from '@kaelio/ktx';
import { printResult } from '../output/print.js';
import type { CliIo } from '../terminal/io.js';
import { renderTrusted } from './view.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxTrustArgs {
  projectDir: string;
  json?: true;
}

/** Functions of the addon that the command calls; tests may replace them. */
export interface KtxTrustDeps {
  trustKtxProject?: typeof trustKtxProject;
}

/** Records that a project may use the secrets that it refers to. */
export async function runKtxTrust(args: KtxTrustArgs, io: CliIo, deps: KtxTrustDeps = {}): Promise<number> {
  const trusted = await (deps.trustKtxProject ?? trustKtxProject)({ projectDir: args.projectDir });
  await printResult(io, args.json, trusted, () => renderTrusted(trusted));
  return 0;
}
