/** Names of the toolsets, without anything that takes time to load. */

/** Groups of tools that a server may be limited to. */
export const TOOLSETS = ['read', 'query', 'write'] as const;

/** A group of tools: what looks, what asks for numbers, and what changes the project. */
export type KtxMcpToolset = (typeof TOOLSETS)[number];
