/** Calls that need a runtime which is not installed, with clients that can ask their user. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, ElicitResult } from '@modelcontextprotocol/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectClient, startHttpServer } from '../support/http.js';
import { ktx, temporaryDir } from '../support/ktx.js';
import { errorOf, startMcpSession, textOf } from '../support/mcp.js';
import { writeShop } from '../support/shop.js';

const PIN = { versionNegotiation: { mode: { pin: '2026-07-28' } } };
const REVISIONS = { '2025-11-25': {}, '2026-07-28': PIN } as const;
const ACCEPTED: ElicitResult = { action: 'accept', content: { install: true } };
const LOCAL = { connectionId: 'local' };

/** A message of the client's library, which counts on its own. */
const ASKING = 'Fulfilling input required';

/** A shop whose runtime is missing, and the options of clients that answer questions. */
async function prepare(answer: ElicitResult) {
  const cwd = await temporaryDir();
  await writeShop(cwd);
  const root = join(cwd, 'runtime');
  const env = { KTX_RUNTIME_ROOT: root };
  onTestFinished(async () => void (await ktx(['runtime', 'stop'], { cwd, env })));
  const questions: string[] = [];
  const answering = (client: Client) =>
    client.setRequestHandler('elicitation/create', ({ params }) => {
      questions.push(params.message);
      return answer;
    });
  return { cwd, env, root, questions, answering };
}

async function connect(transport: string, at: { cwd: string; env: Record<string, string> }, options: object) {
  const asking = { ...options, capabilities: { elicitation: { form: {} } } };
  if (transport === 'stdio') return (await startMcpSession(at, [], asking)).client;
  return connectClient(await startHttpServer(at), asking);
}

async function run(client: Client, name = 'scan_run') {
  const steps: { progress: number; message?: string | undefined }[] = [];
  const options = { timeout: 300_000, onprogress: (step: (typeof steps)[number]) => steps.push(step) };
  return { result: await client.callTool({ name, arguments: LOCAL }, options), steps };
}

describe('the question whether to install the runtime', () => {
  it.each([
    ['stdio', '2025-11-25', 'connection_test', 0],
    ['stdio', '2026-07-28', 'scan_run', 1],
    ['http', '2025-11-25', 'scan_run', 1],
    ['http', '2026-07-28', 'scan_run', 1],
  ] as const)('is asked once over %s in revision %s, and %s goes on', async (transport, revision, tool, runs) => {
    const { root, questions, answering, ...at } = await prepare(ACCEPTED);
    const client = await connect(transport, at, REVISIONS[revision]);
    answering(client);
    const { result, steps } = await run(client, tool);
    expect(result.isError ? textOf(result) : '').toBe('');
    expect(questions).toEqual([expect.stringMatching(/core Python runtime.*MB below /)]);
    expect(questions[0]).toContain(root);
    expect(steps.map(({ message }) => message).join('\n')).toContain('Installing KTX Python runtime');
    const ours = steps.filter(({ message }) => !message?.startsWith(ASKING));
    const numbers = ours.map(({ progress }) => progress);
    expect(numbers).toEqual([...new Set(numbers)].sort((left, right) => left - right));
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    expect(JSON.parse((await ktx(['ingest', 'status', '--json'], at)).stdout).runs).toHaveLength(runs);
  });

  it.each([
    ['2025-11-25', { action: 'decline' }],
    ['2026-07-28', { action: 'cancel' }],
    ['2026-07-28', { action: 'accept', content: { install: false } }],
  ] as const)('refuses the call in revision %s after %j', async (revision, answer) => {
    const { root, questions, answering, ...at } = await prepare(answer as ElicitResult);
    const client = await connect('stdio', at, REVISIONS[revision]);
    answering(client);
    const { result } = await run(client);
    expect(errorOf(result)).toMatchObject({ code: 'KTX_RUNTIME_REQUIRED', hint: expect.stringContaining('--yes') });
    expect(questions).toHaveLength(1);
    expect(existsSync(root)).toBe(false);
  });

  it('is not asked with --no-input, or if the client shows no forms', async () => {
    const { root, questions, answering, ...at } = await prepare(ACCEPTED);
    const forms = await startMcpSession(at, ['--no-input'], { capabilities: { elicitation: { form: {} } } });
    answering(forms.client);
    const urls = await startMcpSession(at, [], { capabilities: { elicitation: { url: {} } } });
    for (const { failing } of [forms, urls]) {
      expect(await failing('scan_run', LOCAL)).toMatchObject({ code: 'KTX_RUNTIME_REQUIRED' });
    }
    expect(questions).toEqual([]);
    expect(existsSync(root)).toBe(false);
  });
});
