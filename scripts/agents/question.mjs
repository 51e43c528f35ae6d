// The question that clients ask: that of the demo project, with what its server says about it.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from '../lib/sandbox.mjs';
import { withServer } from '../lib/server-tools.mjs';

/** The question in words. */
export const QUESTION = 'What are the orders and the revenue of each segment?';

/**
 * Creates the demo project. Returns `options` with its folder and environment, the calls that the model makes, what the
 * server says to a client that changes nothing, the rows of the result, and `close`.
 */
export async function prepareQuestion({ folder, env }) {
  const cwd = path.join(folder, 'question');
  mkdirSync(cwd);
  const { projectDir, question, answer } = JSON.parse(
    await mustRun('ktx', ['setup', 'demo', '--yes', '--json'], { cwd, env }),
  );
  const query = { ...question, measures: question.measures.map(listedMeasure) };
  const right = { connectionId: answer.connectionId, query };
  const calls = { wrong: { ...right, query: { ...query, measures: ['orders.revenu'] } }, right };
  const options = { cwd: projectDir, env };
  const rows = answer.result.rows.map((row) => row.join('\t'));
  // Not `--all`, which stops the daemons of other folders too.
  const close = () => mustRun('ktx', ['runtime', 'stop'], options);
  return { options, calls, expected: await readServer(calls, options), rows, close };
}

function readServer({ wrong, right }, options) {
  const args = ['serve', '--mcp', 'stdio', '--project-dir', '.', '--execute-queries'];
  return withServer({ command: 'ktx', args }, options, async (client) => {
    const call = async (query) => {
      const { content } = await client.callTool({ name: 'sl_query', arguments: query });
      return content.map(({ text }) => text);
    };
    return { instructions: client.getInstructions(), failure: await call(wrong), result: await call(right) };
  });
}

/** A measure in the form that the schema of the tool lists; some clients refuse any other. */
function listedMeasure(measure) {
  return typeof measure === 'string' ? measure : `${measure.expr} as ${measure.name}`;
}
