/** Context of one invocation of the command line. */

import type { KtxCliDeps } from './deps.js';
import type { CliIo } from './terminal/io.js';

/** Dependencies that every command is registered with. */
export interface CommandContext {
  io: CliIo;
  deps: KtxCliDeps;
  /** Sets the exit code; every action calls it once. */
  exit(code: number): void;
}
