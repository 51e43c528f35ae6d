#!/usr/bin/env node
// Asks ten business questions of a warehouse of 370 tables through the MCP server, over standard streams and over HTTP, by
// the client of the official SDK and a script that takes each name from the answers, and counts calls and bytes.
//
//     npm run bench:agent -- [--no-build]
//
// The exit code is 1 if a number is wrong, or a question takes more calls or bytes than the goal.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { build } from '../../scripts/build.mjs';
import { preparePython, python } from '../../scripts/lib/python.mjs';
import { root } from '../../scripts/lib/steps.mjs';
import { Context } from '../lib/context.mjs';
import { output } from '../lib/processes.mjs';
import { createProject } from '../search/projects.mjs';

const here = import.meta.dirname;
const MAX_CALLS = 3;
const MAX_BYTES = 8 * 1024;
/** Share of a number that the order of additions may change. */
const TOLERANCE = 1e-9;

const { values: options } = parseArgs({ options: { 'no-build': { type: 'boolean', default: false } } });
if (!options['no-build']) await build();
const ctx = new Context();
try {
  const results = await askAll();
  print(results);
  process.exitCode = results.every(isMet) ? 0 : 1;
} finally {
  await ctx.close();
}

async function askAll() {
  // Imported here, as their packages are installed by the build.
  const [{ connect, connectHttp }, { ask }, { Session }] = await Promise.all([
    import('../lib/mcp.mjs'),
    import('./ask.mjs'),
    import('./session.mjs'),
  ]);
  const file = path.join(ctx.folder, 'warehouse.sqlite');
  preparePython();
  const env = { PYTHONPATH: path.join(root, 'benches', 'search') };
  const numbers = JSON.parse(await output(python, [path.join(here, 'warehouse.py'), file], { env }));
  const project = await createProject(ctx, 'sqlite', file);
  const questions = JSON.parse(readFileSync(path.join(here, 'questions.json'), 'utf8'));
  const results = [];
  for (const [transport, open] of Object.entries({ stdio: connect, http: connectHttp })) {
    const client = await open(ctx, project, ['--execute-queries']);
    for (const [index, question] of questions.entries()) {
      const session = new Session(client);
      results.push({ transport, question, session, expected: numbers[index], ...(await ask(session, question)) });
    }
  }
  return results;
}

function print(results) {
  console.log('\n| transport | question | rank of its table | calls | bytes | number | expected |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const { transport, question, session, number, expected, tables } of results) {
    const rank = tables.indexOf(question.table) + 1;
    const cells = [
      transport,
      question.question,
      rank || 'none',
      session.calls,
      session.bytes,
      number ?? 'none',
      expected,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  for (const { question, error } of results) if (error) console.log(`\n${question.question} ${error}`);
  const [right, bytes] = [results.filter(isRight).length, results.map(({ session }) => session.bytes)];
  console.log(`\n${right} of ${results.length} right, ${Math.max(...bytes)} bytes at most\n`);
}

function isRight({ number, expected }) {
  return Math.abs(number - expected) <= TOLERANCE * Math.abs(expected);
}

function isMet(result) {
  return isRight(result) && result.session.calls <= MAX_CALLS && result.session.bytes <= MAX_BYTES;
}
