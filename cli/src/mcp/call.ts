/** One call of a tool, as the functions behind the tools see it. */

/** What a call brings along. */
export interface KtxMcpCall {
  /** Aborted when the client cancels or goes away. */
  signal?: AbortSignal;
  /** Tells the client what is being done, if it wants to know. */
  tell?(message: string): void;
}

/** Options of the addon that follow from how the tools were made. */
export function trustOf({ trust }: { trust?: 'always' }): { trust?: 'always' } {
  return trust === undefined ? {} : { trust };
}

/** Options of the addon that follow from a call. */
export function optionsOf({ signal }: KtxMcpCall): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
