/** Completes command lines. */

import type { Command } from 'commander';
import { resolveDir } from '../flags/project-dir.js';
import { type CliIo, workingDirOf } from '../terminal/io.js';
import { splitLine, toInsertions } from './bash.js';
import { type Candidate, findCandidates } from './candidates.js';
import { createListNames } from './names.js';

/** Completes the last of the words after `ktx`. Names with control characters are left out: lines separate candidates. */
export async function complete(
  program: Command,
  words: string[],
  io: CliIo,
  projectDir: string | undefined,
): Promise<Candidate[]> {
  const listNames = createListNames(async (addon, { values }) => {
    const dir = values.get('--project-dir')?.at(-1);
    if (dir !== undefined) return resolveDir('--project-dir', dir, io);
    return projectDir ?? addon.findKtxProjectDir({ startDir: workingDirOf(io) });
  });
  const candidates = await findCandidates(program, words, listNames);
  return candidates
    .filter(({ value }) => !/\p{Cc}/u.test(value))
    .map(({ value, description = '' }) => ({ value, description: description.replaceAll(/\p{Cc}+/gu, ' ') }));
}

/** Completes a line of bash up to the cursor; `breaks` are the characters at which bash breaks words. */
export async function completeLine(
  program: Command,
  line: string,
  breaks: string,
  io: CliIo,
  projectDir: string | undefined,
): Promise<Candidate[]> {
  const split = splitLine(line);
  const candidates = await complete(program, split.words.slice(1), io, projectDir);
  return toInsertions(split, candidates, breaks);
}
