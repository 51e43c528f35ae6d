/** Runs `ktx connection …`. */

import type {
  KtxConnectionChange,
  KtxConnectionKeys,
  KtxConnectionTest,
  KtxManagedPythonInstallPolicy,
  KtxProject,
} from '@kaelio/ktx';
import * as addon from '@kaelio/ktx';
import { CliError, describeFailure } from '../errors.js';
import { type TrustFlag, trustOptions } from '../flags/trust.js';
import type { OutputOptions } from '../output/formats.js';
import { printResult, printTable, printWarnings } from '../output/print.js';
import { quoteForShell } from '../output/shell.js';
import { managedDaemonOptions } from '../runtime/managed.js';
import { type CliIo, callOptions, environmentOption } from '../terminal/io.js';
import { createProgress, endProgress } from '../terminal/progress.js';
import { confirm } from '../terminal/prompts.js';
import { styleOf } from '../terminal/style.js';
import { readTextInput, STDIN } from '../terminal/text-input.js';
import { askConnection, secretKeyOf } from './ask.js';
import type { SecretSource } from './flags.js';
import { findOnly } from './only-connection.js';
import { connectionsTable, renderChange, renderRemoval, renderTest, renderTests, type TestOutcome } from './view.js';

interface DaemonArgs extends TrustFlag {
  projectDir: string;
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
}

/** Arguments of `add` and `edit`. */
export interface ChangeArgs extends DaemonArgs {
  connectionId?: string;
  keys: KtxConnectionKeys;
  secret: SecretSource;
  unset: readonly string[];
  /** Whether the connection is tested first. */
  test: boolean;
  /** Whether a failed test is a warning. */
  force: boolean;
  json?: true;
}

type TestArgs = DaemonArgs & { command: 'test'; connectionId?: string; all: boolean; json?: true };
type RemoveArgs = { command: 'remove'; projectDir: string; connectionId?: string; yes: boolean; json?: true };

/** Arguments of the group; `projectDir` is absolute. */
export type KtxConnectionArgs =
  | ({ command: 'list'; projectDir: string } & OutputOptions)
  | ({ command: 'add' | 'edit' } & ChangeArgs)
  | RemoveArgs
  | TestArgs;

/** Functions of the addon that the group calls; tests may replace them. */
export type KtxConnectionDeps = Partial<
  Pick<
    typeof addon,
    'loadKtxProject' | 'testKtxConnection' | 'addKtxConnection' | 'editKtxConnection' | 'removeKtxConnection'
  >
>;

type Calls = Required<KtxConnectionDeps>;

/** Runs one command of the group. */
export async function runKtxConnection(
  args: KtxConnectionArgs,
  io: CliIo,
  deps: KtxConnectionDeps = {},
): Promise<number> {
  const calls = { ...addon, ...deps };
  const project = await calls.loadKtxProject({ projectDir: args.projectDir, ...selected(args, io) });
  printWarnings(io, project.warnings);
  switch (args.command) {
    case 'list':
      return list(args, project, io);
    case 'add':
      return add(args, project, io, calls);
    case 'edit':
      return edit(args, project, io, calls);
    case 'remove':
      return remove(args, project, io, calls);
    case 'test':
      return args.all ? testAll(args, project, io, calls) : testOne(args, project, io, calls);
  }
}

/** Commands that change `ktx.yaml` use no environment. */
function selected({ command }: KtxConnectionArgs, io: CliIo): { environment?: string } {
  return command === 'list' || command === 'test' ? environmentOption(io) : { environment: '' };
}

async function list(output: OutputOptions, project: KtxProject, io: CliIo): Promise<number> {
  const { projectDir, connections, environment, environments = [] } = project;
  const result = { projectDir, environment: environment ?? null, environments, connections };
  await printTable(io, output, result, () => connectionsTable(project));
  return 0;
}

async function add(args: ChangeArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const { keys, connectionId } = args;
  const secret = await readSecret(args, keys.driver ?? '', io);
  const known = { keys: { readonly: true, ...keys, ...secret.keys }, secrets: secret.secrets };
  const taken = project.connections.map(({ id }) => id);
  const answers = await askConnection(io, { ...known, taken, ...(connectionId === undefined ? {} : { connectionId }) });
  const change = await saveConnection('add', { ...args, ...answers }, io, calls);
  await printResult(io, args.json, change, () => renderChange('Added', change));
  return 0;
}

async function edit(args: ChangeArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const connectionId = args.connectionId ?? findOnly(project, 'ID');
  const driver = project.connections.find(({ id }) => id === connectionId)?.driver ?? '';
  const { keys, secrets } = await readSecret(args, args.keys.driver ?? driver, io);
  const changed = { ...args.keys, ...keys };
  if (Object.keys({ ...changed, ...secrets }).length === 0 && args.unset.length === 0) {
    const next = 'See the flags with: ktx connection edit --help';
    throw new CliError('KTX_ARGUMENT_INVALID', `Nothing to change in ${connectionId}`, next);
  }
  const change = await saveConnection('edit', { ...args, connectionId, keys: changed, secrets }, io, calls);
  await printResult(io, args.json, change, () => renderChange('Changed', change));
  return 0;
}

/** What {@link saveConnection} writes. */
export interface SaveArgs extends Omit<ChangeArgs, 'secret' | 'connectionId'> {
  connectionId: string;
  secrets: Record<string, string>;
}

/** Tests a connection and writes it. After a failed test nothing is written, unless `force` is set. */
export async function saveConnection(
  kind: 'add' | 'edit',
  args: SaveArgs,
  io: CliIo,
  calls: Pick<Calls, 'addKtxConnection' | 'editKtxConnection'>,
): Promise<KtxConnectionChange> {
  const { projectDir, connectionId, keys, secrets, unset } = args;
  const save = kind === 'add' ? calls.addKtxConnection : calls.editKtxConnection;
  const options = { projectDir, connectionId, connection: keys, secrets, unset: [...unset], storeSecrets: true };
  if (!args.test) return save(options);
  createProgress(io)(`Connecting to ${connectionId}`);
  try {
    const change = await save({ ...options, test: true, ...daemonOptions(args, io) });
    printWarnings(io, change.test?.warnings ?? []);
    return change;
  } catch (error) {
    if (!args.force || io.signal?.aborted) throw error;
    printWarnings(io, [`${describeFailure(error).message}`]);
    return await save(options);
  } finally {
    endProgress(io);
  }
}

async function remove(args: RemoveArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const { projectDir, yes, json } = args;
  const connectionId = args.connectionId ?? findOnly(project, 'ID');
  if (!yes && !(await confirm(io, `Remove the connection ${connectionId} from ktx.yaml?`, false))) {
    const next = `Confirm it with: ktx connection remove ${quoteForShell(connectionId)} --yes`;
    throw new CliError('KTX_ARGUMENT_INVALID', `The connection ${connectionId} was not removed`, next);
  }
  const change = await calls.removeKtxConnection({ projectDir, connectionId });
  await printResult(io, json, change, () => renderRemoval(change));
  return 0;
}

async function testOne(args: TestArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const result = await test(args, args.connectionId ?? findOnly(project, 'ID'), io, calls);
  printWarnings(io, result.warnings ?? []);
  await printResult(io, args.json, result, () => renderTest(result));
  return 0;
}

async function testAll(args: TestArgs, project: KtxProject, io: CliIo, calls: Calls): Promise<number> {
  const connections: TestOutcome[] = [];
  for (const { id } of project.connections) {
    try {
      connections.push({ ok: true, ...(await test(args, id, io, calls)) });
    } catch (error) {
      if (io.signal?.aborted) throw error;
      connections.push({ ok: false, connectionId: id, error: failureOf(error) });
    }
  }
  await printResult(io, args.json, { connections }, () => renderTests(connections, styleOf(io)));
  return connections.every(({ ok }) => ok) ? 0 : 1;
}

async function test(args: TestArgs, connectionId: string, io: CliIo, calls: Calls): Promise<KtxConnectionTest> {
  createProgress(io)(`Connecting to ${connectionId}`);
  try {
    return await calls.testKtxConnection({ projectDir: args.projectDir, connectionId, ...daemonOptions(args, io) });
  } finally {
    endProgress(io);
  }
}

function failureOf(error: unknown) {
  const { code, message, next } = describeFailure(error);
  const reason = (error as { response?: { code?: string } }).response?.code;
  return {
    code,
    message,
    ...(next === undefined ? {} : { hint: next }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function daemonOptions(args: DaemonArgs, io: CliIo) {
  return { managedDaemon: managedDaemonOptions(args, io), ...trustOptions(args, io), ...callOptions(io) };
}

/** Reads the secret that the flags name, as a key of `ktx.yaml` or as a secret to store. */
export async function readSecret({ secret }: Pick<ChangeArgs, 'secret'>, driver: string, io: CliIo) {
  const none: { keys: KtxConnectionKeys; secrets: Record<string, string> } = { keys: {}, secrets: {} };
  const key = secretKeyOf(driver);
  if (secret.kind === 'none') return none;
  if (secret.kind === 'reference') return { ...none, keys: { [key]: secret.reference } as KtxConnectionKeys };
  const text = (await readTextInput(STDIN, io)).replace(/\r?\n$/, '');
  if (text !== '') return { ...none, secrets: { [key]: text } };
  const next = 'Pass the password, such as: printf %s "$PASSWORD" | ktx connection add … --password-stdin';
  throw new CliError('KTX_ARGUMENT_INVALID', 'Standard input has no password', next);
}
