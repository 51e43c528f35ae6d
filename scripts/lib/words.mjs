// Counts flagged words in code and documentation (`flagWords` in cspell.json), by word and by folder.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fail, root } from './steps.mjs';

/** Phrases of more than one word, which cspell does not find. */
const PHRASES = ['will do', 'what it was taken for'];

/** Prints the counts; fails if there are any. */
export function checkWords() {
  const cspell = path.join(root, 'node_modules', 'cspell', 'bin.mjs');
  const lint = [cspell, 'lint', '--no-progress', '--no-summary', '--no-color', '--relative'];
  const { status, stdout, stderr } = spawnSync(process.execPath, lint, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const words = [...stdout.matchAll(/^(.+?):\d+:\d+ - .*?\((.+?)\)/gm)].map(([, file, word]) => [
    file,
    word.toLowerCase(),
  ]);
  if (status !== 0 && words.length === 0) fail(`cspell failed: ${stderr}`);
  process.stdout.write(stdout);
  const found = [...words, ...findPhrases()];
  printCounts(
    'Word',
    found.map(([, word]) => word),
  );
  printCounts(
    'Folder',
    found.map(([file]) => topFolders(file)),
  );
  if (found.length > 0)
    fail(
      `${found.length} flagged or unknown words. Use the terms of docs/glossary.md; add names of products to cspell.json`,
    );
  console.log('No flagged and no unknown words');
}

function findPhrases() {
  const listed = spawnSync('git', ['ls-files', '*.rs', '*.py', '*.ts', '*.mts', '*.mjs', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  const thisFile = path.join('scripts', 'lib', 'words.mjs');
  const files = listed.stdout.split('\n').filter((file) => file !== '' && path.normalize(file) !== thisFile);
  return files.flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8').toLowerCase();
    return PHRASES.flatMap((phrase) => Array(text.split(phrase).length - 1).fill([file, phrase]));
  });
}

/** First two folders of a path. */
function topFolders(file) {
  const parts = file.replace(/^\.\//, '').split(/[\\/]/);
  return parts.slice(0, Math.min(2, parts.length - 1)).join('/') || '.';
}

function printCounts(title, values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  console.log(`\n${title}`);
  for (const [value, count] of [...counts].sort((a, b) => b[1] - a[1]))
    console.log(`${String(count).padStart(6)}  ${value}`);
}
