/** A command line's surroundings that keep what is written. */

import type { CliIo } from '../../src/terminal/io.js';

/** An `io` of strings. */
export interface TestIo {
  io: CliIo;
  stdout(): string;
  stderr(): string;
}

/** Makes one; `overrides` replaces parts, such as `signal` or `env`. */
export function makeIo(overrides: Partial<CliIo> = {}): TestIo {
  let stdout = '';
  let stderr = '';
  const io: CliIo = {
    stdout: { write: (chunk) => (stdout += chunk) },
    stderr: { write: (chunk) => (stderr += chunk) },
    env: {},
    ...overrides,
  };
  return { io, stdout: () => stdout, stderr: () => stderr };
}
