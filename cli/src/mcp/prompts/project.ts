/** Prompts of a project: the files `prompts/*.md`. */

import { constants, type Dirent } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PromptTemplate } from './template.js';

const FILE_NAME = /^(?<name>[\w-]{1,64})\.md$/;

/** Maximum bytes of a file; a larger one is no prompt. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads the prompts, by name; none without the folder. Links are not followed, as they may lead out of the project.
 *
 * Errors: a file cannot be read.
 */
export async function readProjectPrompts(projectDir: string): Promise<PromptTemplate[]> {
  const folder = join(projectDir, 'prompts');
  const entries = await entriesOf(folder);
  const names = entries.flatMap((entry) => (entry.isFile() ? (FILE_NAME.exec(entry.name)?.groups?.name ?? []) : []));
  const prompts = await Promise.all(names.sort().map((name) => readPrompt(folder, name)));
  return prompts.filter((prompt) => prompt !== undefined);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

async function readPrompt(folder: string, name: string): Promise<PromptTemplate | undefined> {
  const file = await open(join(folder, `${name}.md`), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    if ((await file.stat()).size > MAX_BYTES) return undefined;
    const text = await file.readFile('utf8');
    return { name, description: titleOf(text) ?? name, text };
  } finally {
    await file.close();
  }
}

/** The first line with text, without the mark of a heading. */
function titleOf(text: string): string | undefined {
  const line = text.split('\n').find((each) => each.trim() !== '');
  return line?.replace(/^#+\s*/, '').trim();
}
