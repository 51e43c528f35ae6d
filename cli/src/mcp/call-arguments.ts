/** Arguments of a call that are no object, as some clients send them. */

import { parsedText } from './lenient.js';

/** Makes the arguments of a `tools/call` an object if they are its JSON text, or null; returns whether they were. */
export function repairCall(message: unknown): boolean {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: { arguments?: unknown } | null };
  if (method !== 'tools/call' || typeof params !== 'object' || params === null) return false;
  const given = params.arguments;
  const repaired = given === null ? {} : parsedText(given, '{');
  if (repaired === given) return false;
  params.arguments = repaired;
  return true;
}
