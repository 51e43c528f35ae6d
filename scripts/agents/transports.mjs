// How the server is connected to a client with a command line, over each transport.
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePort } from '../lib/ports.mjs';
import { mustRun } from '../lib/sandbox.mjs';
import { root } from '../lib/steps.mjs';

/**
 * Transports by name. Each connects the client for a session with the home and the folder of `options`, and returns the
 * variables of the session, what happens between the two calls of the model, and `close`.
 */
export const TRANSPORTS = { stdio, http };

/** The client starts the server that `ktx agents install` writes. */
async function stdio({ name, scope = [] }, question, options) {
  const folders = ['--project-dir', question.options.cwd, '--workspace', '.'];
  const install = ['agents', 'install', '--client', name, '--execute-queries', ...folders, ...scope];
  await mustRun('ktx', install, options);
  if (name === 'codex') nameVariable(path.join(options.env.HOME, '.codex', 'config.toml'), 'KTX_RUNTIME_ROOT');
  return { env: {}, async betweenCalls() {}, async close() {} };
}

/**
 * The client connects to a server in the background by its command in docs/mcp-http.md. The server is started again between
 * the calls, or before the session of a client that does not initialize a new one.
 */
async function http({ executable, reconnects }, question, options) {
  const port = await findFreePort();
  const mcp = (...args) => mustRun('ktx', ['mcp', ...args], question.options);
  const start = () => mcp('start', '--execute-queries', '--port', String(port), '--json');
  const close = () => mcp('stop');
  const restart = async () => {
    await close();
    await start();
  };
  const { tokenFile } = JSON.parse(await start());
  try {
    const command = documentedCommand(executable).replace('PORT', port).replace('TOKEN_FILE', `'${tokenFile}'`);
    await mustRun('sh', ['-c', command], options);
    if (!reconnects) await restart();
  } catch (error) {
    await close();
    throw error;
  }
  // The file of Codex names a variable with the token.
  const env = { MCP_TOKEN: readFileSync(tokenFile, 'utf8').trim() };
  return { env, betweenCalls: reconnects ? restart : async () => {}, close };
}

function documentedCommand(executable) {
  const page = readFileSync(path.join(root, 'docs', 'mcp-http.md'), 'utf8');
  const command = page.split('\n').find((line) => line.startsWith(`${executable} mcp add `));
  if (command === undefined) throw new Error(`docs/mcp-http.md does not connect ${executable}`);
  return command;
}

/** Adds a variable of the environment to the last server of the file, which is ours. */
function nameVariable(file, name) {
  if (readFileSync(file, 'utf8').includes('env_vars')) throw new Error(`${file} has env_vars already`);
  appendFileSync(file, `env_vars = ["${name}"]\n`);
}
