/** Definition of a tool, independent of the protocol. */

import type { z } from 'zod';
import type { KtxMcpCall } from './call.js';
import type { KtxMcpToolset } from './toolset.js';

/** Effects of a tool, as annotations for clients. */
export interface ToolEffects {
  /** Changes nothing: neither the project nor a database. */
  readOnly: boolean;
  /** Replaces or removes existing data. */
  destructive?: boolean;
  /** Repeating a call with the same arguments has no further effect. */
  idempotent?: boolean;
  /** Reaches a database or another service. */
  openWorld: boolean;
}

/** Definition of a tool, typed by its input schema. */
export interface ToolDefinition<Input extends z.ZodObject> {
  name: string;
  title: string;
  description: string;
  /** Default: `read` or `write`, by the effects. */
  toolset?: KtxMcpToolset;
  input: Input;
  effects: ToolEffects;
  /** Whether clients that hide definitions until their model searches for them show this one at once; default: false. */
  alwaysLoaded?: boolean;
  /** Arguments that flags of the server switched off, with the flag that opens each. */
  closedBy?: Record<string, string>;
  /** Whether a call may take so long that its client rather waits for it as a task; default: false. */
  mayTakeLong?: boolean;
  /** How a call gets a smaller answer, as an imperative; default: ask for less. */
  narrow?: string;
  /** Asks the client what a run would ask it, and runs nothing. */
  ask?(args: z.output<Input>, call: KtxMcpCall): Promise<void> | undefined;
  /** Runs the tool. */
  run(args: z.output<Input>, call: KtxMcpCall): Promise<object>;
}

/** A registered tool; arguments are validated against `input` before `run`. */
export type KtxMcpTool = ToolDefinition<z.ZodObject>;

/** Defines a tool; erases the type of its arguments. */
export function defineTool<Input extends z.ZodObject>(definition: ToolDefinition<Input>): KtxMcpTool {
  return definition as unknown as KtxMcpTool;
}

/** The toolset of a tool. */
export function toolsetOf({ toolset, effects }: KtxMcpTool): KtxMcpToolset {
  return toolset ?? (effects.readOnly ? 'read' : 'write');
}
