// Runs a client with a played model on the demo project: what the server says has to reach the model, and the number its
// user.
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { assertIncludes, tryRun } from '../lib/sandbox.mjs';
import { startConversation } from './model/conversation.mjs';
import { startModel } from './model/server.mjs';
import { QUESTION } from './question.mjs';
import { SESSIONS } from './sessions.mjs';
import { TRANSPORTS } from './transports.mjs';

const TIMEOUT_MS = 180_000;

/** Connects the client over a transport in a home of its own, asks one question, and returns what its model saw. */
export async function checkAnswers(client, transport, machine, question) {
  const name = `${client.name} ${transport}`;
  const home = path.join(machine.folder, `${name} home`);
  const cwd = path.join(machine.folder, name);
  for (const folder of [home, path.join(cwd, '.git')]) mkdirSync(folder, { recursive: true });
  copyFileSync(path.join(machine.home, '.npmrc'), path.join(home, '.npmrc'));
  let connection;
  const betweenCalls = () => connection.betweenCalls();
  const { seen, next } = startConversation({ ...question, betweenCalls });
  const model = await startModel({ next });
  try {
    const session = SESSIONS[client.name];
    session.prepare(home);
    // opencode works in PWD, which a shell sets.
    const own = { HOME: home, USERPROFILE: home, PWD: cwd, ...session.env(model.url), ...throughProxy(model.url) };
    const env = { ...machine.env, ...own };
    connection = await TRANSPORTS[transport](client, question, { cwd, env });
    const options = { cwd, env: { ...env, ...connection.env }, timeout: TIMEOUT_MS };
    const ended = await tryRun(client.executable, session.command(QUESTION, model.url), options);
    return judge(ended, { seen, unknown: model.unknown }, question);
  } finally {
    await connection?.close();
    await model.close();
  }
}

/** Returns a report of what the model saw, or throws with the report and the output of the client. */
function judge({ code, stdout, stderr }, { seen, unknown }, { expected, rows }) {
  const shown = stripVTControlCharacters(stdout);
  const report = describe(seen, unknown);
  try {
    if (code !== 0) throw new Error(`The client ended with ${code}`);
    checkSeen(seen, expected);
    for (const row of rows) for (const output of [seen.outputs[1], shown]) assertIncludes(output, row);
  } catch (error) {
    throw new Error(`${error.message}\n${report}\n${shown}${stderr}`);
  }
  return report;
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
