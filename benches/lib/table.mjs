// Renders results as an aligned Markdown table.
import { shortNumber } from './target.mjs';

const HEADINGS = ['what', 'ours', 'against', 'ratio', 'target', 'met'];

/** Renders all lines of all results. */
export function renderTable(results) {
  const rows = results.flatMap((result) => (result.error ? [failedCells(result)] : result.lines.map(cells)));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(...[heading, ...rows.map((row) => row[column])].map((cell) => [...cell].length)),
  );
  const line = (row) =>
    `| ${row.map((cell, column) => cell + ' '.repeat(widths[column] - [...cell].length)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(HEADINGS), rule, ...rows.map(line)].join('\n');
}

const cells = (comparison) => [
  comparison.name,
  `${range(comparison.ours)} ${comparison.unit}`,
  `${comparison.against.name}: ${range(comparison.against)} ${comparison.unit}`,
  `${comparison.shown[0]} (${comparison.shown[1]} … ${comparison.shown[2]})`,
  comparison.target,
  verdict(comparison),
];

function verdict({ met, floor }) {
  if (met === undefined) return '';
  if (met) return 'yes';
  return floor === undefined ? 'NO' : `NO: floor ${floor}`;
}

function failedCells({ name, error }) {
  return [name, `failed: ${error.split('\n')[0]}`, '', '', '', 'NO'];
}

function range({ median, min, max }) {
  return `${shortNumber(median)} (${shortNumber(min)} … ${shortNumber(max)})`;
}
