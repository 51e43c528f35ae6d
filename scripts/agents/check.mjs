// Connects a client in a new project, checks what it sees, and disconnects it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { assertIncludes, mustRun, tryRun } from '../lib/sandbox.mjs';
import { listTools } from '../lib/server-tools.mjs';

/** Checks a client twice: without files of its user, and with a server and rules of theirs. Returns what it shows. */
export async function checkClient(client, machine) {
  const shown = await checkUndo(client, machine, false);
  await checkUndo(client, machine, true);
  return shown;
}

async function checkUndo(client, machine, hasFiles) {
  const project = path.join(machine.folder, `${client.name} ${hasFiles ? 'used' : 'new'}`);
  mkdirSync(path.join(project, '.git'), { recursive: true });
  writeFileSync(path.join(project, 'ktx.yaml'), 'project: shop\n');
  const servers = path.join(client.scope ? machine.home : project, client.file);
  if (hasFiles) writeUserFiles(client, servers, project);
  const before = snapshot(project, machine.home);
  const options = { cwd: project, env: machine.env };
  const agents = (...args) =>
    mustRun('ktx', ['agents', ...args, '--client', client.name, ...(client.scope ?? [])], options);
  await agents('install');
  const connected = snapshot(project, machine.home);
  if (connected.get(servers) === before.get(servers)) throw new Error(`${servers} was not changed`);
  const shown = client.shape ? await startServer(client, servers, options) : await listServers(client, options);
  await agents('remove');
  const written = [...connected.keys(), ...before.keys()].filter((file) => connected.get(file) !== before.get(file));
  const after = snapshot(project, machine.home);
  // A client writes files of its own, such as .opencode/.gitignore, so that their folders remain.
  const own = [...after.keys()].filter((file) => !connected.has(file));
  const isOwn = (folder) => own.some((file) => file.startsWith(folder + path.sep));
  const kept = written.filter((file) => after.get(file) !== before.get(file) && !isOwn(file));
  if (kept.length > 0) throw new Error(`Not as before: ${kept.join(', ')}`);
  rmSync(servers, { force: true });
  return shown;
}

function writeUserFiles(client, file, project) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, client.text);
  for (const name of ['AGENTS.md', 'GEMINI.md']) writeFileSync(path.join(project, name), '# Mine, without an end');
}

/** Lets the client list its servers, which must include ours. */
async function listServers({ executable }, options) {
  const output = await runClient(executable, ['mcp', 'list'], options);
  assertIncludes(output, 'ktx');
  assertIncludes(output, '@kaelio/ktx serve --mcp stdio');
  return output;
}

/** Runs a client; returns its output, which Gemini CLI prints to standard error. */
export async function runClient(executable, args, options) {
  const { code, stdout, stderr } = await tryRun(executable, args, options);
  const output = stripVTControlCharacters(stdout + stderr);
  if (code !== 0) throw new Error(`${[executable, ...args].join(' ')} ended with ${code}:\n${output}`);
  return output;
}

/** Parses the file by its documented shape, and starts the server that it names. */
async function startServer({ shape }, file, options) {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  const { mcpServers, servers } = shape.parse(document);
  const { command, args } = (mcpServers ?? servers).ktx;
  const filled = args.map((arg) => arg.replace(`\${workspaceFolder}`, options.cwd));
  const tools = await listTools({ command, args: filled }, options);
  assertIncludes(tools.join(' '), 'sl_query');
  return `${file}\n${JSON.stringify(document)}\nstarted: ${tools.length} tools`;
}

/** Contents of all files of the folders by path; folders have none. */
function snapshot(...folders) {
  const entries = folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }));
  const paths = entries.map((entry) => [path.join(entry.parentPath, entry.name), entry.isFile()]);
  return new Map(paths.map(([file, isFile]) => [file, isFile ? readFileSync(file, 'latin1') : '']));
}
