/** Last step: the clients of agents. */

import type { KtxAgentClient, KtxAgentFile } from '@kaelio/ktx';
import { isInstallable } from '../../agents/clients.js';
import { askToExecute } from '../../agents/execution.js';
import { environmentOption } from '../../terminal/io.js';
import { chooseSeveral } from '../../terminal/prompts.js';
import { asks, printStep, type Session } from './session.js';

/** Answers given by flags. */
export interface AgentFlags {
  /** Clients to connect; empty: none. `undefined`: those that the user chooses, or all that are found with `--yes`. */
  clients?: KtxAgentClient[];
  /** Whether agents may run queries. */
  executeQueries?: boolean;
}

/** Connects clients to the project; returns the files that were written. */
export async function connectAgents(session: Session, flags: AgentFlags): Promise<KtxAgentFile[]> {
  const clients = flags.clients ?? (await chooseClients(session));
  if (clients.length === 0) return [];
  const executeQueries = flags.executeQueries ?? (await askSession(session));
  const { projectDir, calls } = session;
  const { files } = await calls.installKtxAgents({
    ...{ projectDir, clients, scope: 'project', executeQueries },
    ...environmentOption(session.io),
  });
  printStep(session, `Connected ${clients.join(', ')}`, executeQueries ? 'may run queries, read-only' : 'get SQL only');
  return files;
}

async function chooseClients(session: Session): Promise<KtxAgentClient[]> {
  const { projectDir, io, calls, yes } = session;
  if (!asks(session) && !yes) return [];
  const all = await calls.listKtxAgents({ projectDir });
  const found = all.filter(({ client, detected }) => detected && isInstallable(client, 'project'));
  if (yes) return found.map(({ client }) => client);
  const open = found.filter(({ installations }) => installations.every(({ scope }) => scope !== 'project'));
  if (open.length === 0) return [];
  const choices = open.map(({ client, title }) => ({ value: client, label: title }));
  return (await chooseSeveral(io, 'Which agents should use this project?', choices, { required: false })) ?? [];
}

async function askSession(session: Session): Promise<boolean> {
  if (!asks(session)) return false;
  const { io, calls, projectDir } = session;
  return askToExecute(io, await calls.loadKtxProject({ projectDir, ...environmentOption(io) }));
}
