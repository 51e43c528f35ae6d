/** Runs `ktx status`. */

import * as addon from '@kaelio/ktx';
import { printResult } from '../output/print.js';
import { type CliIo, environmentOption } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';
import { styleOf } from '../terminal/style.js';
import type { StatusCalls } from './calls.js';
import { connectionItems } from './connections.js';
import type { ProjectStatus, StatusItem } from './item.js';
import { runtimeState } from './runtime.js';
import { semanticItems } from './semantic.js';
import { renderProjectStatus } from './view.js';

/** Arguments of the command; `projectDir` is absolute. */
export interface KtxStatusArgs {
  projectDir: string;
  cliVersion: string;
  json?: true;
}

/** Shows the status; the exit code is 1 if something does not work. */
export async function runKtxStatus(args: KtxStatusArgs, io: CliIo, deps: Partial<StatusCalls> = {}): Promise<number> {
  createProgress(io)('Checking the project');
  const status = await collectStatus(args, io, { ...addon, ...deps });
  endProgress(io);
  await printResult(io, args.json, status, () => renderProjectStatus(status, styleOf(io)));
  return status.ok ? 0 : 1;
}

async function collectStatus(args: KtxStatusArgs, io: CliIo, calls: StatusCalls): Promise<ProjectStatus> {
  const { projectDir, cliVersion } = args;
  const [project, runtime] = await Promise.all([
    calls.loadKtxProject({ projectDir, ...environmentOption(io) }),
    runtimeState(cliVersion, calls),
  ]);
  const check = { project, cliVersion, runtimeReady: runtime.ready, io };
  const [connections, semantic, agents] = await Promise.all([
    connectionItems(project, calls),
    semanticItems(check, calls),
    agentsItem(projectDir, calls),
  ]);
  const items = [...projectItems(project), ...connections, runtime.item, ...semantic, agents];
  return { projectDir, project: project.name, ok: items.every(({ state }) => state !== 'problem'), items };
}

function projectItems({ warnings }: addon.KtxProject): StatusItem[] {
  return warnings.map((detail) => ({
    area: 'project',
    name: 'ktx.yaml',
    state: 'warning',
    detail,
    fix: 'correct it in ktx.yaml',
  }));
}

async function agentsItem(projectDir: string, calls: StatusCalls): Promise<StatusItem> {
  const connected = (await calls.listKtxAgents({ projectDir })).filter(({ installations }) => installations.length > 0);
  const item = { area: 'agents', name: 'agents' } as const;
  if (connected.length > 0) return { ...item, state: 'ok', detail: connected.map(({ title }) => title).join(', ') };
  return { ...item, state: 'warning', detail: 'none connected', fix: 'ktx agents install' };
}
