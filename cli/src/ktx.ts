#!/usr/bin/env node
/** The executable: the process's streams and signals around one call. */

import { runKtxCli } from './cli.js';
import { createProcessIo, exitWith } from './terminal/process-io.js';

void runKtxCli(process.argv.slice(2), createProcessIo()).then(exitWith);
