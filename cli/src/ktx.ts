#!/usr/bin/env node
/** Entry point of the `ktx` executable: runs the command line on the streams and signals of the process. */

import { runKtxCli } from './cli.js';
import { createProcessIo } from './terminal/process-io.js';

const { io, setExitCode } = createProcessIo();
void runKtxCli(process.argv.slice(2), io).then(setExitCode);
