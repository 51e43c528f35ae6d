/** `CliIo` that captures the output. */

import type { CliIo } from '../../src/terminal/io.js';

/** A `CliIo` and its captured output. */
export interface TestIo {
  io: CliIo;
  stdout(): string;
  stderr(): string;
}

/** Creates one; `overrides` replaces fields, such as `signal` or `env`. */
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
