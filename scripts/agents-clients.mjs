#!/usr/bin/env node
// Checks `ktx agents` with the newest command lines of the clients: installs them from npm, lets each list its servers
// after `ktx agents install`, and compares all files after `ktx agents remove` with those before. The files of clients
// without a command line are compared with their documentation, and their servers are started. Each command line also
// asks one question over each transport, with a model that the script plays and no login: what the server says has to
// reach the model.
//
//     node scripts/agents-clients.mjs                       packages of scripts/pack.mjs in dist
//     node scripts/agents-clients.mjs --packages FOLDER     packages in another folder
//     node scripts/agents-clients.mjs --short               the questions only, with the clients of
//                                                           scripts/agents/package-lock.json and the working tree
//     node scripts/agents-clients.mjs opencode plugin       some checks only
//     node scripts/agents-clients.mjs opencode-http         the question of one client over one transport
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { checkAnswers } from './agents/answers.mjs';
import { checkClient } from './agents/check.mjs';
import { EDITORS, TERMINALS } from './agents/clients.mjs';
import { describeInstalled, installLocked, installNewest } from './agents/install.mjs';
import { checkPlugin, lintManifests } from './agents/plugin.mjs';
import { prepareQuestion } from './agents/question.mjs';
import { TRANSPORTS } from './agents/transports.mjs';
import { startPackedRegistry } from './lib/registry.mjs';
import { createSandbox } from './lib/sandbox.mjs';
import { root } from './lib/steps.mjs';

const { values: options, positionals: names } = parseArgs({
  options: {
    packages: { type: 'string', default: path.join(root, 'dist') },
    short: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

const sandbox = createSandbox();
let failed = 0;
try {
  if (options.short) await checkQuestions(await installLocked(sandbox));
  else await checkPacked();
} finally {
  sandbox.remove();
}
process.exitCode = failed > 0 ? 1 : 0;

async function checkPacked() {
  const registry = await startPackedRegistry(path.resolve(options.packages));
  try {
    const machine = await installNewest(sandbox, registry);
    for (const client of [...TERMINALS, ...EDITORS]) await report(client.name, () => checkClient(client, machine));
    await checkQuestions(machine);
    await report('plugin', () => checkPlugin(machine));
    await report('manifests', () => lintManifests(machine));
  } finally {
    await registry.close();
  }
}

async function checkQuestions(machine) {
  let question;
  try {
    for (const client of TERMINALS) {
      const { version, minimum } = describeInstalled(client, machine.packages[client.name]);
      if (minimum !== undefined) console.log(`skipped  ${client.name} ${version}: it needs Node ${minimum} or later`);
      for (const transport of minimum === undefined ? Object.keys(TRANSPORTS) : [])
        await report(`${client.name}-${transport}`, async () => {
          question ??= await prepareQuestion(machine);
          return `version: ${version}\n${await checkAnswers(client, transport, machine, question)}`;
        });
    }
  } finally {
    await question?.close();
  }
}

async function report(name, check) {
  if (names.length > 0 && !names.includes(name)) return;
  const start = performance.now();
  const seconds = () => `${Math.round((performance.now() - start) / 1000)} s`;
  try {
    const output = await check();
    console.log(`ok  ${name}, ${seconds()}\n${indent(output)}`);
  } catch (error) {
    failed += 1;
    console.error(`not ok  ${name}, ${seconds()}\n${indent(error.message)}`);
  }
}

function indent(text) {
  return text.trimEnd().replace(/^/gm, '      ');
}
