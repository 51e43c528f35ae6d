#!/usr/bin/env node
// Asks questions of known answers in generated projects and TPC-DS. Prints the recall of the needed tables at ten, beside
// that of plain word matching, and the time of a search over 100,000 columns.
//
//     npm run bench:search -- [--no-build] [--no-time] [--details]
//
// The questions of questions.json were written before the index was. TPC-DS is DuckDB's extension, from PyPI. The exit
// code is 1 if the recall of the 50 questions, or of TPC-DS, is below the goal.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { build } from '../../scripts/build.mjs';
import { Context } from '../lib/context.mjs';
import { measureRow } from '../lib/measure.mjs';
import { renderTable } from '../lib/table.mjs';
import { matchWords } from './plain.mjs';
import { createProjects, readQuestions } from './projects.mjs';
import { LIMIT, score, summaries } from './score.mjs';

/** Recall at ten that the sets named here have to reach, without vectors. */
const GOAL = 0.85;
const GOAL_SETS = ['50 questions', 'tpcds'];
const TIME_RUNS = 3;
const WORST = 10;

const { values: options } = parseArgs({
  options: {
    'no-build': { type: 'boolean', default: false },
    'no-time': { type: 'boolean', default: false },
    details: { type: 'boolean', default: false },
  },
});

if (!options['no-build']) await build({ release: true });
const ctx = new Context();
try {
  const sets = summaries(await askAll());
  printSets(sets);
  const missed = sets.filter(({ name, recall }) => GOAL_SETS.includes(name) && recall < GOAL);
  for (const { name, recall } of missed) console.log(`missed: recall of ${name} is ${recall.toFixed(3)}, not ${GOAL}`);
  if (missed.length > 0) process.exitCode = 1;
  if (!options['no-time']) await printTimes();
} finally {
  await ctx.close();
}

/** Asks each question: `[{ question, found, tables, plain }]`, each with the recall of the needed tables. */
async function askAll() {
  const projects = await createProjects(ctx, log);
  const results = [];
  for (const question of readQuestions(projects)) {
    const { projectDir, tables } = projects[question.schema];
    const search = async (kinds) => {
      const { hits } = await ctx.addon.searchKtxProject({ projectDir, query: question.words, limit: LIMIT, ...kinds });
      return score(question, tablesOf(hits));
    };
    const plain = score(question, matchWords(tables, question.words));
    results.push({ question, found: await search(), tables: await search({ kinds: ['table'] }), plain });
  }
  return results;
}

/** The table that each hit belongs to; hits without one, such as pages, count as a place. */
function tablesOf(hits) {
  return hits.map((hit) => hit.table ?? hit.name);
}

function printSets(sets) {
  console.log('\n| set | questions | recall at ten | all needed found | with kind table | plain word matching |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const { name, count, recall, complete, tables, plain } of sets) {
    const numbers = [recall.toFixed(3), `${(100 * complete).toFixed(0)} %`, tables.toFixed(3), plain.toFixed(3)];
    console.log(`| ${[name, count, ...numbers].join(' | ')} |`);
  }
  printWorst(sets.find(({ name }) => name === 'all').worst);
}

function printWorst(worst) {
  const shown = options.details ? worst : worst.slice(0, WORST);
  console.log(`\n${shown.length} of ${worst.length} questions with a needed table that was not found:\n`);
  for (const { question, found } of shown) {
    const words = question.words.length > 80 ? `${question.words.slice(0, 80)}…` : question.words;
    const name = question.id === undefined ? question.kind : `${question.kind}, query ${question.id}`;
    console.log(`- ${question.schema} (${name}): ${words}: missed ${found.missed.join(', ')}`);
  }
}

async function printTimes() {
  // Imported here, as its packages are installed by the build.
  const { rows } = await import('../rows/search.mjs');
  const results = [];
  for (const row of rows) results.push(await measureRow(row, ctx, TIME_RUNS, log));
  console.log(`\n${renderTable(results)}\n`);
}

function log(text) {
  console.error(`search: ${text}`);
}
