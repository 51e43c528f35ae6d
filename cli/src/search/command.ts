/** `ktx search`: its flags. */

import type { KtxSearchKind } from '@kaelio/ktx';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addConnectionFlag, type ConnectionFlag, connectionOf } from '../flags/connection.js';
import { addFormatFlag, outputOf } from '../flags/format.js';
import { projectDirOf } from '../flags/project-dir.js';
import { parseRowCount } from '../flags/row-limit.js';

interface SearchFlags extends ConnectionFlag {
  kind?: KtxSearchKind[];
  limit?: number;
}

const KINDS: readonly KtxSearchKind[] = [
  ...(['table', 'column', 'source', 'measure', 'metric', 'dimension'] as const),
  ...(['segment', 'value', 'view', 'query', 'page'] as const),
];

/** Registers the command. */
export function registerSearchCommand(program: Command, context: CommandContext): void {
  const { deps, io } = context;
  // The parser is set last, as that of the choices takes one value only.
  const kind = new Option('--kind <kind>', 'only hits of this kind; may be repeated').choices(KINDS);
  const limit = new Option('--limit <hits>', 'maximum number of hits (default: 10)').argParser(parseRowCount);
  addConnectionFlag(addFormatFlag(program.command('search')), 'all')
    .description('find tables, columns, values, measures and notes by words')
    .argument('<words...>', "words in any order, or a value in quotes: columns holding 'Acme'")
    .addOption(kind.argParser(collectKinds))
    .addOption(limit)
    .action(async (words: string[], { kind: kinds, limit, ...flags }: SearchFlags, command: Command) => {
      const projectDir = await projectDirOf(command, io);
      const filter = { ...(kinds === undefined ? {} : { kinds }), ...(limit === undefined ? {} : { limit }) };
      const args = { projectDir, query: words.join(' '), ...filter, ...connectionOf(flags), ...outputOf(command) };
      context.exit(await deps.search(args, io));
    });
}

function collectKinds(text: string, previous: KtxSearchKind[] = []): KtxSearchKind[] {
  const found = KINDS.find((kind) => kind === text);
  if (found === undefined) throw new InvalidArgumentError(`Allowed choices are ${KINDS.join(', ')}.`);
  return [...previous, found];
}
