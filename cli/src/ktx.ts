#!/usr/bin/env node
/** Entry point of the `ktx` executable: runs the command line on the streams and signals of the process. */

import { runKtxCli } from './cli.js';
import { createProcessIo, setExitCode } from './terminal/process-io.js';

void runKtxCli(process.argv.slice(2), createProcessIo()).then(setExitCode);
