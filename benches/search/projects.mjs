// Projects over the schemas: databases by data.py, then the commands that a user would run.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { preparePython, python } from '../../scripts/lib/python.mjs';
import { root, run } from '../../scripts/lib/steps.mjs';
import { output, timeProcess, withoutExtraCertificates } from '../lib/processes.mjs';
import { wordsOf } from './plain.mjs';
import { OTHER_WORDS } from './score.mjs';

const here = import.meta.dirname;
const packages = path.join(root, 'target', 'bench', 'search');
const ktx = path.join(root, 'cli', 'dist', 'ktx.js');
/** Id of the connection of each project. */
export const CONNECTION = 'warehouse';
const SCHEMAS = { shop: 'duckdb', erp: 'duckdb', desk: 'sqlite', konzern: 'duckdb' };

/** Creates a project for each schema: `{ [schema]: { projectDir, tables, questions? } }`. */
export async function createProjects(ctx, log) {
  const folder = mkdtempSync(path.join(ctx.folder, 'search-'));
  const projects = {};
  for (const [schema, driver] of Object.entries(SCHEMAS)) {
    log(`${schema}: creating the project`);
    const file = path.join(folder, `${schema}.${driver}`);
    await runData(['schema', schema, file]);
    projects[schema] = await describe(ctx, await createProject(ctx, driver, file));
  }
  log('tpcds: creating the project');
  const file = path.join(folder, 'tpcds.duckdb');
  const questions = JSON.parse(await runData(['tpcds', file], preparePackages()));
  projects.tpcds = { ...(await describe(ctx, await createProject(ctx, 'duckdb', file))), questions };
  return projects;
}

/** The questions of questions.json, then those of the projects, then those in other words. */
export function readQuestions(projects) {
  const read = (file) => JSON.parse(readFileSync(path.join(here, file), 'utf8'));
  const generated = Object.values(projects).flatMap(({ questions }) => questions ?? []);
  const others = read('other-words.json').map((question) => ({ ...question, kind: OTHER_WORDS }));
  return [...read('questions.json'), ...generated, ...others];
}

/** Runs data.py, and returns its output. */
export function runData(args, pythonPath = path.join(root, 'benches', 'relationships')) {
  preparePython();
  return output(python, [path.join(here, 'data.py'), ...args], { env: { PYTHONPATH: pythonPath } });
}

/** Creates a project with a connection, its scan with profiles, and its semantic sources; returns the folder. */
export async function createProject(ctx, driver, file, { profile = true } = {}) {
  await ctx.daemon();
  const projectDir = file.replace(/\.\w+$/, '-project');
  mkdirSync(projectDir);
  const command = (...args) =>
    timeProcess(process.execPath, [ktx, ...args], { cwd: projectDir, env: withoutExtraCertificates });
  await command('init');
  await command('connection', 'add', CONNECTION, '--driver', driver, '--path', file, '--yes');
  await command('scan', CONNECTION, ...(profile ? ['--profile'] : []), '--no-input');
  await command('sl', 'generate', '--all', '--no-input');
  return projectDir;
}

/** Adds the words of the names and comments of each table. */
async function describe(ctx, projectDir) {
  const where = { projectDir, connectionId: CONNECTION };
  const summaries = await ctx.addon.listKtxTables(where);
  const tables = summaries.map(async (summary) => {
    const name = `${summary.schema ?? 'main'}.${summary.name}`;
    const table = await ctx.addon.readKtxTable({ ...where, name });
    const texts = [table.name, table.comment, ...table.columns.flatMap((column) => [column.name, column.comment])];
    return { name, words: new Set(texts.flatMap((text) => wordsOf(text ?? ''))) };
  });
  return { projectDir, tables: await Promise.all(tables) };
}

/** Installs DuckDB with its extension, or reinstalls it if the requirements have changed; returns the folder. */
function preparePackages() {
  const file = path.join(here, 'requirements.txt');
  const [marker, requirements] = [path.join(packages, '.prepared'), readFileSync(file, 'utf8')];
  if (existsSync(marker) && readFileSync(marker, 'utf8') === requirements) return packages;
  rmSync(packages, { recursive: true, force: true });
  run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', packages, '-r', file]);
  writeFileSync(marker, requirements);
  return packages;
}
