/** Arguments of tool calls: repaired, then validated with errors of this package. */

import { z } from 'zod';
import { CliError } from '../errors.js';
import { describeKeys, shortKey, similarKeys } from './closed-object.js';
import { describeInvalid, REQUIRED } from './invalid-value.js';
import { repairArguments } from './lenient.js';
import type { KtxMcpTool } from './tool.js';

/** Maximum number of arguments of a call; each unknown one is compared with all of the tool. */
const MAX_ARGUMENTS = 500;

/** The problem of a call without a connection, whose ids no schema has. */
const NO_CONNECTION = `connectionId: ${REQUIRED}`;

/** Validated arguments, and remarks for the answer. */
export interface ParsedArguments {
  args: Record<string, unknown>;
  notes: string[];
}

/**
 * Validates the arguments of a call. Unknown keys that resemble none of the tool are ignored with a note.
 *
 * Errors: `KTX_ARGUMENT_INVALID` with every invalid argument, by its path, or with the flag that an argument needs.
 */
export function parseArguments(tool: KtxMcpTool, args: Record<string, unknown>): ParsedArguments {
  rejectClosed(tool, args);
  const count = Object.keys(args).length;
  if (count > MAX_ARGUMENTS) throw invalid(tool, [`${count} arguments, more than ${MAX_ARGUMENTS}`]);
  const { known, ignored, problems } = sortKeys(tool.input, args);
  const parsed = tool.input.safeParse(repairArguments(tool.input, known), { error: describeInvalid });
  problems.push(
    ...(parsed.error?.issues ?? []).map(({ path, message }) =>
      [path.map(String).join('.'), message].filter(Boolean).join(': '),
    ),
  );
  if (parsed.success && problems.length === 0) {
    return { args: parsed.data, notes: notesOn(ignored) };
  }
  throw invalid(tool, [...problems, ...notesOn(ignored)]);
}

function invalid({ name }: KtxMcpTool, problems: string[]): CliError {
  const message = `Invalid arguments of ${name}: ${problems.join('; ')}`;
  const hint = problems.includes(NO_CONNECTION)
    ? 'connection_list has the ids of the connections'
    : `Call ${name} again with arguments that match its input schema`;
  return new CliError('KTX_ARGUMENT_INVALID', message, hint);
}

function notesOn(ignored: string[]): string[] {
  const describe = (key: string) => `the unknown argument ${key} was ignored`;
  return describeKeys(ignored, describe, (count) => `${count} further unknown arguments were ignored`);
}

/** Whether a call with these arguments would run. */
export function hasValidArguments(tool: KtxMcpTool, args: Record<string, unknown>): boolean {
  try {
    parseArguments(tool, args);
    return true;
  } catch {
    return false;
  }
}

/** Splits arguments into those that the schema judges, those that are ignored, and those in the wrong place. */
function sortKeys(input: z.ZodObject, args: Record<string, unknown>) {
  const allowed = Object.keys(input.shape);
  const known: Record<string, unknown> = {};
  const ignored: string[] = [];
  const problems: string[] = [];
  for (const [key, value] of Object.entries(args)) {
    const owner = similarKeys(key, allowed).length > 0 ? undefined : ownerOf(key, input);
    const name = shortKey(key);
    if (owner !== undefined) problems.push(`Unknown key ${name}: ${owner.key} belongs into ${owner.argument}`);
    else if (similarKeys(key, allowed).length > 0) known[key] = value;
    else ignored.push(name);
  }
  return { known, ignored, problems };
}

/** The argument that has a key like this one. */
function ownerOf(key: string, input: z.ZodObject): { argument: string; key: string } | undefined {
  for (const [argument, field] of Object.entries(input.shape)) {
    const [similar] = field instanceof z.ZodObject ? similarKeys(key, Object.keys(field.shape)) : [];
    if (similar !== undefined) return { argument, key: similar };
  }
  return undefined;
}

/** Errors: an argument is set that needs a flag of the server. */
function rejectClosed({ name, closedBy = {} }: KtxMcpTool, args: Record<string, unknown>): void {
  for (const [argument, flag] of Object.entries(closedBy)) {
    if (args[argument] !== true) continue;
    const message = `${name} cannot ${argument}: the server was started without ${flag}`;
    throw new CliError('KTX_ARGUMENT_INVALID', message, flagHint(flag));
  }
}

/** The step for what a flag of the server opens. */
export function flagHint(flag: string): string {
  return `The user adds ${flag} to the arguments of the server in the configuration of the client, then starts it again`;
}
