/** Parses the fenced blocks of a page, and the commands in them. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_DIR } from '../../support/ktx.js';

/** A fenced block. */
export interface Block {
  /** Path from the package's folder, with the number of the block's first line: `docs/mcp.md:12`. */
  where: string;
  /** `console`, `js`, `yaml`, …; empty if there is none. */
  language: string;
  /** File name after the language: the block is the content of that file. */
  file?: string;
  text: string;
}

/** A command of a page. */
export interface Step {
  where: string;
  command: string;
  /** Output that the page shows below the command, if any. */
  shown: string | undefined;
}

/** Pages with blocks, in reading order. */
export const PAGES = [
  'docs/install.md',
  'README.md',
  ...readdirSync(join(PACKAGE_DIR, 'docs'))
    .filter((name) => name.endsWith('.md') && name !== 'install.md')
    .map((name) => `docs/${name}`),
];

/** Blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(PACKAGE_DIR, page), 'utf8').split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^( *)```(\S*) *(.*)$/.exec(lines[at] ?? '');
    if (fence === null) continue;
    const [, indent = '', language = '', file = ''] = fence;
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end === -1) throw new Error(`${page}:${at + 1} opens a block that is not closed`);
    const text = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    const fileField = file === '' ? {} : { file };
    blocks.push({ where: `${page}:${at + 2}`, language, ...fileField, text: `${text.join('\n')}\n` });
    at = end;
  }
  return blocks;
}

/** Commands of a `console` block, which begin with `$ `, and the output below each. */
export function stepsOf({ where, text }: Block): Step[] {
  const [page = '', first] = where.split(':');
  const steps: (Step & { lines: string[] })[] = [];
  const lines = text.trimEnd().split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (!line.startsWith('$ ')) {
      const last = steps.at(-1);
      if (last === undefined) throw new Error(`${where} shows output before a command`);
      last.lines.push(line);
      continue;
    }
    const step = { where: `${page}:${Number(first) + at}`, command: line.slice(2), shown: undefined, lines: [] };
    while (step.command.endsWith('\\')) {
      at += 1;
      step.command += `\n${lines[at]}`;
    }
    steps.push(step);
  }
  return steps.map(({ lines: shown, ...step }) => ({
    ...step,
    shown: shown.length === 0 ? undefined : shown.join('\n').trimEnd(),
  }));
}
