// Searches over the names of 100,000 columns, in a running process and through a running MCP server.
import { mkdtempSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { python } from '../../scripts/lib/python.mjs';
import { root } from '../../scripts/lib/steps.mjs';
import { bytesOf, connect } from '../lib/mcp.mjs';
import { runRotated } from '../lib/measure.mjs';
import { output } from '../lib/processes.mjs';
import { quantile } from '../lib/statistics.mjs';
import { atMost, below, noTarget } from '../lib/target.mjs';
import { createProject, runData } from '../search/projects.mjs';
import { embed, startEmbeddings } from '../search/vectors.mjs';

const QUERIES = 200;
const like = path.join(root, 'benches', 'search', 'like.py');

/** Rows of this module. */
export const rows = [
  {
    name: 'search of 100,000 columns',
    unit: 'ms',
    setUp: (ctx) => setUp(ctx),
    async measure({ file, queries, search, tool, texts }, _, run) {
      const sides = await runRotated(
        {
          process: () => timeAll(texts, search),
          MCP: () => timeAll(texts, tool),
          LIKE: async () => ({ times: JSON.parse(await output(python, [like, file, queries])) }),
        },
        run,
      );
      return { ...quantiles(sides), 'largest answer': sides.MCP.largest, 'its limit': 4096 };
    },
    compare: [
      { name: 'p50', ours: 'process p50', against: 'LIKE p50', target: below(10, 'ms') },
      { name: 'p95', ours: 'process p95', against: 'LIKE p95', target: noTarget() },
      { name: 'MCP, p50', ours: 'MCP p50', against: 'LIKE p50', target: noTarget() },
      { name: 'MCP, p95', ours: 'MCP p95', against: 'LIKE p95', target: noTarget() },
      { name: 'MCP, largest answer', ours: 'largest answer', against: 'its limit', target: atMost(1), unit: 'B' },
    ],
  },
];

/** The same with local embeddings, for `bench:search` only: they are packages to install, and vectors to compute. */
export const rowsWithVectors = rows.map((row) => ({
  ...row,
  name: `${row.name} with vectors`,
  setUp: (ctx) => setUp(ctx, addVectors),
}));

async function setUp(ctx, prepare) {
  const file = path.join(mkdtempSync(path.join(ctx.folder, 'wide-')), 'wide.sqlite');
  const queries = path.join(ctx.folder, 'queries.json');
  await runData(['wide', file, queries, String(QUERIES)]);
  const projectDir = await createProject(ctx, 'sqlite', file, { profile: false });
  await prepare?.(ctx, projectDir);
  const client = await connect(ctx, projectDir);
  const search = (query) => ctx.addon.searchKtxProject({ projectDir, query });
  const tool = (query) => client.callTool({ name: 'search', arguments: { query } });
  const state = { file, queries, search, tool, texts: JSON.parse(readFileSync(queries, 'utf8')) };
  // The first search builds the index.
  await search(state.texts[0]);
  await tool(state.texts[0]);
  return state;
}

async function addVectors(ctx, projectDir) {
  await startEmbeddings(ctx);
  await embed(ctx, projectDir, { profile: false });
}

/** Milliseconds of each query, one after the other, and the bytes of the largest answer. */
async function timeAll(texts, search) {
  const times = [];
  let largest = 0;
  for (const text of texts) {
    const begin = performance.now();
    const answer = await search(text);
    times.push(performance.now() - begin);
    if (answer.isError) throw new Error(`search failed: ${JSON.stringify(answer.content)}`);
    largest = Math.max(largest, bytesOf(answer));
  }
  return { times, largest };
}

function quantiles(sides) {
  const parts = Object.entries(sides).flatMap(([name, { times }]) => [
    [`${name} p50`, quantile(times, 0.5)],
    [`${name} p95`, quantile(times, 0.95)],
  ]);
  return Object.fromEntries(parts);
}
