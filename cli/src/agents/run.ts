/** `ktx agents …`. */

import type { KtxAgentClient, KtxAgentScope, KtxAgentStatus } from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { CliError } from '../errors.js';
import type { OutputOptions } from '../output/formats.js';
import { printTable } from '../output/print.js';
import { type CliIo, environmentOption, isInteractive } from '../terminal/io.js';
import { chooseSeveral } from '../terminal/prompts.js';
import { AGENT_CLIENTS, isInstallable } from './clients.js';
import { askToExecute } from './execution.js';
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
  | (ChangeArgs & {
      command: 'install';
      /** Whether agents may run queries; default: the user is asked, and without a terminal they may not. */
      executeQueries?: boolean;
    })
  | ({ command: 'remove' } & ChangeArgs)
  | ({ command: 'list'; clients: readonly KtxAgentClient[] } & KtxAgentsTarget);

type ArgsOf<Command> = Extract<KtxAgentsArgs, { command: Command }>;

/** Functions of the addon that the group calls; tests may replace them. */
export type KtxAgentsDeps = Partial<Calls>;

type Calls = Pick<typeof addon, 'loadKtxProject' | 'listKtxAgents' | 'installKtxAgents' | 'removeKtxAgents'>;

/** Runs one command of the group. */
export async function runKtxAgents(args: KtxAgentsArgs, io: CliIo, deps: KtxAgentsDeps = {}): Promise<number> {
  const calls: Calls = { ...addon, ...deps };
  if (args.command === 'install') return install(args, io, calls);
  if (args.command === 'remove') return remove(args, io, calls);
  const clients = await calls.listKtxAgents(targetOf(args));
  await printTable(io, args, { clients }, () => agentsTable(clients));
  return 0;
}

async function install(args: ArgsOf<'install'>, io: CliIo, calls: Calls): Promise<number> {
  const clients = args.clients.length > 0 ? [...args.clients] : await chosenClients(args, io, calls);
  const { scope, force, dryRun } = args;
  const selected = environmentOption(io);
  const load = () => calls.loadKtxProject({ projectDir: args.projectDir, ...selected });
  // Rejects an environment that `ktx.yaml` does not have.
  if (selected.environment !== undefined) await load();
  const executeQueries = args.executeQueries ?? (isInteractive(io) && (await askToExecute(io, await load())));
  const result = await calls.installKtxAgents({
    ...targetOf(args),
    clients,
    scope,
    executeQueries,
    force,
    dryRun,
    ...selected,
  });
  const asked = { dryRun, executeQueries, clients, serverName: args.serverName };
  await printTable(io, args, result, () => installedTable(result, asked));
  return 0;
}

async function remove(args: ArgsOf<'remove'>, io: CliIo, calls: Calls): Promise<number> {
  const clients = [...(args.clients.length > 0 ? args.clients : AGENT_CLIENTS)];
  const { scope, force, dryRun } = args;
  const result = await calls.removeKtxAgents({ ...targetOf(args), clients, scope, force, dryRun });
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
async function chosenClients(args: ChangeArgs, io: CliIo, calls: Calls): Promise<KtxAgentClient[]> {
  const all = await calls.listKtxAgents(targetOf(args));
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
