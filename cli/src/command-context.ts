/** One call of the command line while its tree of commands is built and run. */

import type { KtxCliDeps } from './deps.js';
import type { CliIo } from './terminal/io.js';

/** What every command is registered with. */
export interface CommandContext {
  io: CliIo;
  deps: KtxCliDeps;
  /** Called by each action with its exit code. */
  exit(code: number): void;
}
