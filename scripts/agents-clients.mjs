#!/usr/bin/env node
// Checks `ktx agents` with the newest command lines of the clients: installs them from npm, lets each list its servers
// after `ktx agents install`, and compares all files after `ktx agents remove` with those before. The files of clients
// without a command line are compared with their documentation, and their servers are started. Each command line also
// asks one question, with a model that the script plays and no login: what the server says has to reach the model.
//
//     node scripts/agents-clients.mjs                       packages of scripts/pack.mjs in dist
//     node scripts/agents-clients.mjs --packages FOLDER     packages in another folder
//     node scripts/agents-clients.mjs opencode plugin       some checks only
//     node scripts/agents-clients.mjs opencode-answers      the question of one client
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { checkAnswers } from './agents/answers.mjs';
import { checkClient } from './agents/check.mjs';
import { EDITORS, TERMINALS } from './agents/clients.mjs';
import { installClients } from './agents/install.mjs';
import { checkPlugin, lintManifests } from './agents/plugin.mjs';
import { startPackedRegistry } from './lib/registry.mjs';
import { createSandbox } from './lib/sandbox.mjs';
import { root } from './lib/steps.mjs';

const { values: options, positionals: names } = parseArgs({
  options: { packages: { type: 'string', default: path.join(root, 'dist') } },
  allowPositionals: true,
});

const sandbox = createSandbox();
const registry = await startPackedRegistry(path.resolve(options.packages));
let failed = 0;
try {
  const machine = await installClients(sandbox, registry);
  for (const client of [...TERMINALS, ...EDITORS]) await report(client.name, () => checkClient(client, machine));
  for (const client of TERMINALS) await report(`${client.name}-answers`, () => checkAnswers(client, machine));
  await report('plugin', () => checkPlugin(machine));
  await report('manifests', () => lintManifests(machine));
} finally {
  await registry.close();
  sandbox.remove();
}
process.exitCode = failed > 0 ? 1 : 0;

async function report(name, check) {
  if (names.length > 0 && !names.includes(name)) return;
  try {
    console.log(`ok  ${name}\n${indent(await check())}`);
  } catch (error) {
    failed += 1;
    console.error(`not ok  ${name}\n${indent(error.message)}`);
  }
}

function indent(text) {
  return text.trimEnd().replace(/^/gm, '      ');
}
