#!/usr/bin/env node
// Asks questions of known answers in generated projects and TPC-DS. Prints the recall of the needed tables at ten, beside
// that of plain word matching, and the time of a search over 100,000 columns.
//
//     npm run bench:search -- [--no-build] [--no-time] [--details] [--vectors]
//
// The questions of questions.json were written before the index was, those of other-words.json before they were asked.
// TPC-DS is DuckDB's extension, from PyPI. `--vectors` installs local embeddings, and asks all questions again. The exit
// code is 1 if the recall of the 50 questions, or of TPC-DS, is below the goal, or vectors lower that of a set.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { build } from '../../scripts/build.mjs';
import { Context } from '../lib/context.mjs';
import { measureRow } from '../lib/measure.mjs';
import { renderTable } from '../lib/table.mjs';
import { matchWords } from './plain.mjs';
import { createProjects, readQuestions } from './projects.mjs';
import { LIMIT, OTHER_WORDS, score, summaries } from './score.mjs';
import { addVectors } from './vectors.mjs';

/** Recall at ten that the sets named here have to reach, without vectors. */
const GOAL = 0.85;
const GOAL_SETS = ['50 questions', 'tpcds'];
const TIME_RUNS = 3;
const WORST = 10;
const ATTEMPTS = 5;

const { values: options } = parseArgs({
  options: {
    'no-build': { type: 'boolean', default: false },
    'no-time': { type: 'boolean', default: false },
    details: { type: 'boolean', default: false },
    vectors: { type: 'boolean', default: false },
  },
});

if (!options['no-build']) await build({ release: true });
const ctx = new Context();
try {
  const sets = summaries(await askAll());
  printSets(sets);
  const missed = sets.filter(({ name, recall }) => GOAL_SETS.includes(name) && recall < GOAL);
  for (const { name, recall } of missed) console.log(`missed: recall of ${name} is ${recall.toFixed(3)}, not ${GOAL}`);
  const lowered = sets.filter(({ recall, vectors = recall }) => vectors < recall);
  for (const { name, recall, vectors } of lowered)
    console.log(`lowered: recall of ${name} is ${vectors.toFixed(3)} with vectors, ${recall.toFixed(3)} without`);
  if (missed.length > 0 || lowered.length > 0) process.exitCode = 1;
  if (!options['no-time']) await printTimes();
} finally {
  await ctx.close();
}

/** Asks each question: `[{ question, found, tables, plain, vectors? }]`, each with the recall of the needed tables. */
async function askAll() {
  const projects = await createProjects(ctx, log);
  const results = [];
  for (const question of readQuestions(projects)) {
    const plain = score(question, matchWords(projects[question.schema].tables, question.words));
    const found = await ask(projects, question);
    results.push({ question, found, tables: await ask(projects, question, { kinds: ['table'] }), plain });
  }
  if (options.vectors) {
    await addVectors(ctx, projects, log);
    for (const result of results) {
      result.vectors = await ask(projects, result.question, { needsMeaning: true });
      result.tablesWithVectors = await ask(projects, result.question, { needsMeaning: true, kinds: ['table'] });
    }
  }
  return results;
}

async function ask(projects, question, { needsMeaning = false, ...kinds } = {}) {
  const { projectDir } = projects[question.schema];
  for (let attempt = 1; ; attempt += 1) {
    const request = { projectDir, query: question.words, limit: LIMIT, ...kinds };
    const { hits, notes } = await ctx.addon.searchKtxProject(request);
    // A search waits for the model for a limited time, which may be too short on a busy machine.
    if (!needsMeaning || notes.every((note) => !note.includes('not searched'))) return score(question, tablesOf(hits));
    if (attempt === ATTEMPTS) throw new Error(`the model does not answer: ${notes}`);
  }
}

/** The table that each hit belongs to; hits without one, such as pages, count as a place. */
function tablesOf(hits) {
  return hits.map((hit) => hit.table ?? hit.name);
}

function printSets(sets) {
  const withVectors = options.vectors ? ['with vectors', 'with vectors and kind table'] : [];
  const header = ['set', 'questions', 'recall at ten', 'all needed found', 'with kind table', 'plain word matching'];
  const columns = [...header, ...withVectors];
  console.log(`\n| ${columns.join(' | ')} |\n| ${columns.map(() => '---').join(' | ')} |`);
  for (const { name, count, recall, complete, tables, plain, vectors, tablesWithVectors } of sets) {
    const numbers = [recall, `${(100 * complete).toFixed(0)} %`, tables, plain, vectors, tablesWithVectors];
    const cells = numbers.slice(0, columns.length - 2).map((each) => each.toFixed?.(3) ?? each);
    console.log(`| ${[name, count, ...cells].join(' | ')} |`);
  }
  const { worst, changed } = sets.find(({ name }) => name === 'all');
  printQuestions('with a needed table that was not found', worst, ({ found }) => found);
  if (!options.vectors) return;
  const { worstWithVectors } = sets.find(({ name }) => name === OTHER_WORDS);
  printQuestions('with another recall with vectors', changed, ({ vectors }) => vectors);
  printQuestions('in other words that vectors do not answer', worstWithVectors, ({ vectors }) => vectors);
}

function printQuestions(what, results, side) {
  const shown = options.details ? results : results.slice(0, WORST);
  console.log(`\n${shown.length} of ${results.length} questions ${what}:\n`);
  for (const result of shown) {
    const { question, found, vectors } = result;
    const words = question.words.length > 80 ? `${question.words.slice(0, 80)}…` : question.words;
    const name = question.id === undefined ? question.kind : `${question.kind}, query ${question.id}`;
    const recalls = vectors ? ` (${found.recall.toFixed(2)}, with vectors ${vectors.recall.toFixed(2)})` : '';
    console.log(
      `- ${question.schema} (${name}): ${words}: missed ${side(result).missed.join(', ') || 'none'}${recalls}`,
    );
  }
}

async function printTimes() {
  // Imported here, as its packages are installed by the build.
  const { rows, rowsWithVectors } = await import('../rows/search.mjs');
  const results = [];
  for (const row of options.vectors ? rowsWithVectors : rows) results.push(await measureRow(row, ctx, TIME_RUNS, log));
  console.log(`\n${renderTable(results)}\n`);
}

function log(text) {
  console.error(`search: ${text}`);
}
