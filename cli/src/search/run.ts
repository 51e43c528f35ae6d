/** Runs `ktx search`. */

import * as addon from '@kaelio/ktx';
import type { OutputOptions } from '../output/formats.js';
import { printTable, printWarnings } from '../output/print.js';
import { type CliIo, environmentOption } from '../terminal/io.js';
import { searchTable } from './view.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxSearchArgs extends OutputOptions {
  projectDir: string;
  query: string;
  /** Default: all. */
  kinds?: addon.KtxSearchKind[];
  /** Default: 10. */
  limit?: number;
  /** Default: all. */
  connectionId?: string;
}

/** Functions of the addon that the command calls; tests may replace them. */
export type KtxSearchDeps = Partial<Pick<typeof addon, 'loadKtxProject' | 'searchKtxProject'>>;

/** Runs the command. */
export async function runKtxSearch(args: KtxSearchArgs, io: CliIo, deps: KtxSearchDeps = {}): Promise<number> {
  const calls = { ...addon, ...deps };
  const { projectDir, json: _json, format: _format, ...request } = args;
  const selected = { projectDir, ...environmentOption(io) };
  const project = await calls.loadKtxProject(selected);
  printWarnings(io, project.warnings);
  const answer = await calls.searchKtxProject({ ...selected, ...request });
  const hasConnections = project.connections.length > 1;
  await printTable(io, args, answer, () => searchTable(answer, { hasConnections }));
  return 0;
}
