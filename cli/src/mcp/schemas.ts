/** Arguments that several tools share. */

import { z } from 'zod';

/** Argument: a connection. */
export const connectionId = z.string().min(1).describe('Id of a connection, as in connection_list');

/** Argument: a recorded run. */
export const runId = z.string().min(1).describe('Id of a scan or an ingest');

/** Argument: a filter of names. */
export const contains = z.string().min(1).optional().describe('Part of the name, in any letter case');
