/** What a tool is, apart from the protocol that carries it. */

import type { z } from 'zod';
import type { KtxMcpCall } from './call.js';

/** What a client may assume of a tool before it calls it. */
export interface ToolEffects {
  /** Changes nothing: neither the project nor a database. */
  readOnly: boolean;
  /** Replaces or removes something that was there. */
  destructive?: boolean;
  /** Called twice with the same arguments it leaves what one call leaves. */
  idempotent?: boolean;
  /** Reaches a database or another service. */
  openWorld: boolean;
}

/** A tool as it is written. */
export interface ToolDefinition<Input extends z.ZodObject> {
  name: string;
  title: string;
  description: string;
  input: Input;
  output: z.ZodObject;
  effects: ToolEffects;
  /** Does it; the answer is checked against `output` before it leaves. */
  run(args: z.output<Input>, call: KtxMcpCall): Promise<object>;
}

/** A tool as it is offered; its arguments have been checked against `input` before `run` sees them. */
export type KtxMcpTool = ToolDefinition<z.ZodObject>;

/** Defines a tool. Its schema types its arguments inside the definition only. */
export function defineTool<Input extends z.ZodObject>(definition: ToolDefinition<Input>): KtxMcpTool {
  return definition as unknown as KtxMcpTool;
}
