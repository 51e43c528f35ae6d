#!/usr/bin/env node
// Repeats the races and faults of `docs/daemon-lifecycle.md` with real processes, a fake installer and a fake daemon,
// and prints what came of each. Ends with 1 if anything failed, stayed behind or was broken. Not for Windows.
//
//     node scripts/stress.mjs [--rounds 50] [part of a fault's name …]
import process from 'node:process';
import { parseArgs } from 'node:util';
import { fail } from './lib/steps.mjs';
import { faults } from './stress/faults.mjs';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '50' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) fail('--rounds must be a whole number above 0');
const wanted = Object.entries(faults).filter(([name]) =>
  positionals.length === 0 ? true : positionals.some((part) => name.includes(part)),
);
if (wanted.length === 0) fail(`No such fault. There are: ${Object.keys(faults).join('; ')}`);

const columns = ['tries', 'spawns', 'orphans', 'failures', 'broken'];
const row = (name, cells) => console.log(name.padEnd(34) + cells.map((cell) => String(cell).padStart(10)).join(''));

row('fault', columns);
let wrong = 0;
for (const [name, fault] of wanted) {
  const sum = { tries: 0, spawns: 0, orphans: 0, failures: 0, broken: 0 };
  const messages = new Set();
  for (let round = 0; round < rounds; round += 1) {
    // A short run takes its moments from everywhere, too.
    const result = await fault(rounds < 24 ? Math.floor((round * 24) / rounds) + 3 : round);
    sum.tries += 1;
    for (const column of columns.slice(1)) sum[column] += result[column];
    for (const message of result.messages) messages.add(message);
  }
  row(
    name,
    columns.map((column) => sum[column]),
  );
  for (const message of messages) console.log(`    ${message}`);
  wrong += sum.orphans + sum.failures + sum.broken;
}
process.exit(wrong === 0 ? 0 : 1);
