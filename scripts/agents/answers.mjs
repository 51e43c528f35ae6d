// Runs a client with a played model on the demo project: what the server says has to reach the model, and the number its
// user.
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { assertIncludes, mustRun, tryRun } from '../lib/sandbox.mjs';
import { withServer } from '../lib/server-tools.mjs';
import { startConversation } from './model/conversation.mjs';
import { startModel } from './model/server.mjs';
import { SESSIONS } from './sessions.mjs';

const QUESTION = 'What are the orders and the revenue of each segment?';

const TIMEOUT_MS = 180_000;

/** Connects the client to a demo project, asks one question, and returns what its model saw. */
export async function checkAnswers(client, machine) {
  const home = path.join(machine.folder, `${client.name} home`);
  const workspace = path.join(machine.folder, `${client.name} answers`);
  for (const folder of [home, workspace]) mkdirSync(folder);
  copyFileSync(path.join(machine.home, '.npmrc'), path.join(home, '.npmrc'));
  const env = { ...machine.env, HOME: home, USERPROFILE: home };
  const demo = JSON.parse(await mustRun('ktx', ['setup', 'demo', '--yes', '--json'], { cwd: workspace, env }));
  const options = { cwd: demo.projectDir, env };
  try {
    mkdirSync(path.join(demo.projectDir, '.git'));
    const flags = ['--client', client.name, '--execute-queries', ...(client.scope ?? [])];
    await mustRun('ktx', ['agents', 'install', ...flags], options);
    SESSIONS[client.name].prepare({ home });
    return await ask(client, demo, options);
  } finally {
    // Not `--all`, which stops the daemons of other folders too.
    await mustRun('ktx', ['runtime', 'stop'], options);
  }
}

async function ask({ name, executable }, { question, answer }, { cwd, env }) {
  const query = { ...question, measures: question.measures.map(listedMeasure) };
  const call = { connectionId: answer.connectionId, query };
  const calls = { wrong: { ...call, query: { ...query, measures: ['orders.revenu'] } }, right: call };
  const expected = await readServer(calls, { cwd, env });
  const { seen, next } = startConversation({ ...calls, instructions: expected.instructions });
  const model = await startModel({ next });
  try {
    const session = SESSIONS[name];
    // opencode works in PWD, which a shell sets.
    const sessionEnv = { ...env, ...session.env(model.url), ...throughProxy(model.url), PWD: cwd };
    const args = session.command(QUESTION, model.url);
    const { code, stdout, stderr } = await tryRun(executable, args, { cwd, env: sessionEnv, timeout: TIMEOUT_MS });
    const shown = stripVTControlCharacters(stdout);
    const report = describe(seen, model.unknown);
    try {
      if (code !== 0) throw new Error(`${executable} ended with ${code}`);
      checkSeen(seen, expected);
      for (const row of answer.result.rows)
        for (const output of [seen.outputs[1], shown]) assertIncludes(output, row.join('\t'));
    } catch (error) {
      throw new Error(`${error.message}\n${report}\n${shown}${stderr}`);
    }
    return report;
  } finally {
    await model.close();
  }
}

/** What the server says to a client that changes nothing. */
function readServer({ wrong, right }, options) {
  const args = ['serve', '--mcp', 'stdio', '--project-dir', '.', '--execute-queries'];
  return withServer({ command: 'ktx', args }, options, async (client) => {
    const call = async (query) => {
      const { content } = await client.callTool({ name: 'sl_query', arguments: query });
      return content.map(({ text }) => text);
    };
    return { instructions: client.getInstructions(), failure: await call(wrong), result: await call(right) };
  });
}

/** Requests to other hosts arrive at the played model, which refuses and lists them. */
function throughProxy(url) {
  const names = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];
  const local = '127.0.0.1,localhost';
  return { ...Object.fromEntries(names.map((name) => [name, url])), no_proxy: local, NO_PROXY: local };
}

function checkSeen(seen, { failure, result }) {
  if (seen.outputs.length < 2) throw new Error(`The model saw ${seen.outputs.length} results of 2 calls`);
  if (!seen.instructed) throw new Error('The instructions did not reach the model in full');
  for (const [index, texts] of [failure, result].entries()) {
    const lost = texts.find((text) => !hasText(seen.outputs[index], text));
    if (lost !== undefined) throw new Error(`The model did not see:\n${lost}\nbut:\n${seen.outputs[index]}`);
  }
}

/** Whether a text is in another, as it is or as a part of JSON in it, as Gemini CLI sends failures. */
function hasText(whole, text) {
  return whole.includes(text) || whole.includes(JSON.stringify(text).slice(1, -1));
}

function describe(seen, unknown) {
  const bytes = (text) => `${Buffer.byteLength(text)} bytes`;
  return [
    `tools in the first request: ${seen.first}${seen.searched ? ', the others behind a search' : ''}`,
    `tools when called: ${seen.tools.length}, ${seen.toolBytes} bytes: ${seen.tools.join(', ')}`,
    `instructions in full: ${seen.instructed}`,
    ...seen.outputs.map((output, index) => `${index === 0 ? 'failure' : 'result'}: ${bytes(output)}`),
    ...[...new Set(unknown)].map((request) => `refused request: ${request}`),
  ].join('\n');
}

/** A measure in the form that the schema of the tool lists; some clients refuse any other. */
function listedMeasure(measure) {
  return typeof measure === 'string' ? measure : `${measure.expr} as ${measure.name}`;
}
