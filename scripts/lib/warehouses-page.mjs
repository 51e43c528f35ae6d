// The table of docs/warehouses.md: what was executed on each engine, from docs/warehouses.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { markdownTable } from 'markdown-table';
import { fail, root } from './steps.mjs';

const RESULTS = path.join(root, 'docs', 'warehouses.json');
const PAGE = path.join(root, 'docs', 'warehouses.md');
const BEGIN = '<!-- begin: node scripts/warehouses.mjs --write-docs -->';
const END = '<!-- end -->';

/** Updates the results of the engines that were run, and the table. */
export function writeWarehousesPage(found) {
  const known = existsSync(RESULTS) ? readResults().engines : {};
  const results = { ...found, engines: { ...known, ...found.engines } };
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(PAGE, replaceTable(readFileSync(PAGE, 'utf8'), results));
}

/** Fails if the table does not match the results. */
export function checkWarehousesPage() {
  const page = readFileSync(PAGE, 'utf8');
  if (replaceTable(page, readResults()) !== page) {
    fail('docs/warehouses.md does not match docs/warehouses.json. Run: node scripts/warehouses.mjs --write-docs');
  }
  console.log('The table of the warehouses is current');
}

function readResults() {
  return JSON.parse(readFileSync(RESULTS, 'utf8'));
}

function replaceTable(page, { engines }) {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) fail(`docs/warehouses.md lacks the comments ${BEGIN} and ${END}`);
  const rows = Object.entries(engines);
  return `${before}${BEGIN}\n\n${renderTable(rows)}\n\n${renderReasons(rows)}\n\n${END}${after}`;
}

function renderTable(rows) {
  const cells = Object.keys(rows[0][1].cells);
  const header = ['engine', 'version', 'dialect', ...cells, 'seconds'];
  const body = rows.map(([name, row]) => [
    `\`${name}\``,
    row.version,
    row.dialect,
    // The last run of an engine may be older than a cell.
    ...cells.map((cell) => row.cells[cell]?.state ?? 'not run'),
    String(row.seconds),
  ]);
  return markdownTable([header, ...body], { alignDelimiters: false });
}

/** Reasons of the cells that are not `ok`; cells of an engine that share a reason share a line. */
function renderReasons(rows) {
  return rows.flatMap(([name, row]) => renderReasonsOf(name, row.cells)).join('\n');
}

function renderReasonsOf(name, cells) {
  const byReason = new Map();
  for (const [cell, { detail }] of Object.entries(cells)) {
    if (detail) byReason.set(detail, [...(byReason.get(detail) ?? []), cell]);
  }
  return [...byReason].map(([reason, listed]) => `- \`${name}\`, ${listed.join(', ')}: ${reason}`);
}
