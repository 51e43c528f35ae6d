/** Expected options of the managed daemon. */

import { expect } from 'vitest';
import type { CliIo } from '../../src/terminal/io.js';

/** The options that a command without a terminal passes for version 0.2.0 and the policy `auto`. */
export function daemonOptionsOf(io: CliIo) {
  return {
    cliVersion: '0.2.0',
    installPolicy: 'auto',
    io,
    announceDaemon: false,
    onProgress: expect.any(Function),
  };
}
