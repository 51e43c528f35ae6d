/** `ktx agents …`. */

import {
  installKtxAgents,
  type KtxAgentClient,
  type KtxAgentScope,
  type KtxAgentStatus,
  listKtxAgents,
  loadKtxProject,
  removeKtxAgents,
} from '@kaelio/ktx';
import { CliError } from '../errors.js';
import type { OutputOptions } from '../output/formats.js';
import { printTable } from '../output/print.js';
import { type CliIo, environmentOption } from '../terminal/io.js';
import { chooseSeveral } from '../terminal/prompts.js';
import { AGENT_CLIENTS, isInstallable } from './clients.js';
import { agentsTable, installedTable, removedTable } from './view.js';

/** What every command of the group names; paths are absolute. */
export interface KtxAgentsTarget extends OutputOptions {
  projectDir: string;
  workspaceDir?: string;
  serverName?: string;
}

interface ChangeArgs extends KtxAgentsTarget {
  /** Empty: chosen among those that are found, or all connected ones. */
  clients: readonly KtxAgentClient[];
  scope: KtxAgentScope;
  force: boolean;
  dryRun: boolean;
  /** Whether every client that is found is meant where none is named. */
  yes: boolean;
}

/** Arguments of the group. */
export type KtxAgentsArgs =
  | ({ command: 'install'; executeQueries: boolean } & ChangeArgs)
  | ({ command: 'remove' } & ChangeArgs)
  | ({ command: 'list'; clients: readonly KtxAgentClient[] } & KtxAgentsTarget);

/** Runs one command of the group. */
export async function runKtxAgents(args: KtxAgentsArgs, io: CliIo): Promise<number> {
  if (args.command === 'install') return install(args, io);
  if (args.command === 'remove') return remove(args, io);
  const clients = await listKtxAgents(targetOf(args));
  await printTable(io, args, { clients }, () => agentsTable(clients));
  return 0;
}

async function install(args: Extract<KtxAgentsArgs, { command: 'install' }>, io: CliIo): Promise<number> {
  const clients = args.clients.length > 0 ? [...args.clients] : await chosenClients(args, io);
  const { scope, executeQueries, force, dryRun } = args;
  const selected = environmentOption(io);
  // Rejects an environment that `ktx.yaml` does not have.
  if (selected.environment !== undefined) await loadKtxProject({ projectDir: args.projectDir, ...selected });
  const result = await installKtxAgents({
    ...targetOf(args),
    clients,
    scope,
    executeQueries,
    force,
    dryRun,
    ...selected,
  });
  await printTable(io, args, result, () => installedTable(result, args));
  return 0;
}

async function remove(args: Extract<KtxAgentsArgs, { command: 'remove' }>, io: CliIo): Promise<number> {
  const clients = [...(args.clients.length > 0 ? args.clients : AGENT_CLIENTS)];
  const { scope, force, dryRun } = args;
  const result = await removeKtxAgents({ ...targetOf(args), clients, scope, force, dryRun });
  await printTable(io, args, result, () => removedTable(result.files, args));
  return 0;
}

function targetOf({ projectDir, workspaceDir, serverName }: KtxAgentsTarget) {
  return {
    projectDir,
    ...(workspaceDir === undefined ? {} : { workspaceDir }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

/** The clients that are found and can be connected in the scope: all of them with `--yes`, else those that are chosen. */
async function chosenClients(args: ChangeArgs, io: CliIo): Promise<KtxAgentClient[]> {
  const all = await listKtxAgents(targetOf(args));
  const found = all.filter(({ client, detected }) => detected && isInstallable(client, args.scope));
  if (found.length === 0) {
    const message = 'No client of agents was found here';
    throw new CliError('KTX_ARGUMENT_INVALID', message, `Name one with --client: ${AGENT_CLIENTS.join(', ')}`);
  }
  if (args.yes) return found.map(({ client }) => client);
  const chosen = await chooseSeveral(io, 'Which clients should use this project?', options(found));
  if (chosen !== undefined) return chosen;
  const names = found.map(({ client }) => `--client ${client}`).join(', ');
  throw new CliError('KTX_ARGUMENT_INVALID', 'No client is named', `Name one or more with ${names}, or all with --yes`);
}

function options(found: KtxAgentStatus[]) {
  return found.map(({ client, title }) => ({ value: client, label: title }));
}
