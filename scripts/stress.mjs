#!/usr/bin/env node
// Repeats the races and faults of `docs/daemon-lifecycle.md` with real processes, a fake installer and a fake daemon, and
// prints a table. Exits with 1 after failures, orphaned processes or broken states. Not on Windows.
//
//     node scripts/stress.mjs [--rounds 50] [part of a fault name …]
import process from 'node:process';
import { parseArgs } from 'node:util';
import { fail } from './lib/steps.mjs';
import { faults } from './stress/faults.mjs';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '50' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) fail('--rounds must be an integer of at least 1');
const selected = Object.entries(faults).filter(([name]) =>
  positionals.length === 0 ? true : positionals.some((part) => name.includes(part)),
);
if (selected.length === 0) fail(`Unknown fault. Available: ${Object.keys(faults).join('; ')}`);

const columns = ['tries', 'spawns', 'orphans', 'failures', 'broken'];
const row = (name, cells) => console.log(name.padEnd(34) + cells.map((cell) => String(cell).padStart(10)).join(''));

row('fault', columns);
let faultCount = 0;
for (const [name, fault] of selected) {
  const sum = { tries: 0, spawns: 0, orphans: 0, failures: 0, broken: 0 };
  const messages = new Set();
  for (let round = 0; round < rounds; round += 1) {
    // With few rounds the kills are spread over the duration of a job as well.
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
  faultCount += sum.orphans + sum.failures + sum.broken;
}
process.exit(faultCount === 0 ? 0 : 1);
