/** Arguments that several tools share. */

import { z } from 'zod';

/** Argument: the id of a connection, as listed by `connection_list`; its name says so. */
export const connectionId = z.string().min(1);

/** Argument: a recorded run. */
export const runId = z.string().min(1);

/** Argument: a filter of names. */
export const contains = z.string().min(1).optional().describe('Part of the name, in any case');
