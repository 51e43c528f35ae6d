// Validates and installs `plugin/`, with the command lines that read it, and validates `server.json`.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assertIncludes, mustRun } from '../lib/sandbox.mjs';
import { findPython, root, venvExecutable } from '../lib/steps.mjs';
import { runClient } from './check.mjs';

/** A linter with the schemas of the MCP registry. */
const SKILLSAW = 'skillsaw==0.22.0';

/** Installs the plugin of Claude Code from the marketplace of the repository, and the extension of Gemini CLI. */
export async function checkPlugin({ folder, env }) {
  const cwd = path.join(folder, 'plugin');
  mkdirSync(cwd);
  writeFileSync(path.join(cwd, 'ktx.yaml'), 'project: shop\n');
  const options = { cwd, env };
  const plugin = path.join(root, 'plugin');
  const outputs = [];
  const run = async (executable, ...args) =>
    outputs.push(`$ ${[executable, ...args].join(' ')}\n${await runClient(executable, args, options)}`);
  await run('claude', 'plugin', 'validate', root);
  await run('claude', 'plugin', 'validate', plugin);
  await run('claude', 'plugin', 'marketplace', 'add', root);
  await run('claude', 'plugin', 'install', 'ktx@kaelio');
  await run('claude', 'mcp', 'list');
  assertIncludes(outputs.at(-1), 'plugin:ktx:ktx');
  assertIncludes(outputs.at(-1), 'Connected');
  await run('gemini', 'extensions', 'validate', plugin);
  await run('gemini', 'extensions', 'install', plugin, '--consent');
  await run('gemini', 'mcp', 'list');
  assertIncludes(outputs.at(-1), 'from ktx');
  assertIncludes(outputs.at(-1), 'Connected');
  return outputs.join('\n');
}

/** Validates `server.json` by its schema and with `package.json`, and the plugin and its skill by their conventions. */
export async function lintManifests({ folder, env }) {
  const files = path.join(folder, 'manifests');
  for (const name of ['server.json', 'package.json', 'plugin', '.claude-plugin'])
    cpSync(path.join(root, name), path.join(files, name), { recursive: true });
  const venv = path.join(folder, 'skillsaw');
  await mustRun(findPython(), ['-m', 'venv', venv], { env });
  await mustRun(venvExecutable(venv, 'python'), ['-m', 'pip', 'install', '--quiet', SKILLSAW], { env });
  return mustRun(venvExecutable(venv, 'skillsaw'), ['lint', '--strict', files], { env });
}
