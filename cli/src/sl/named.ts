/** Expressions with a name: `sum(orders.amount) as revenue`. */

/** The name is quoted in SQL, so that it may have any characters but blanks and parentheses. */
const NAMED = /^(?<expr>.+?)\s+as\s+(?<name>[^\s()]+)$/is;

/** Splits the name off an expression; `undefined` if it has none. */
export function splitName(text: string): { expr: string; name: string } | undefined {
  const { expr, name } = NAMED.exec(text.trim())?.groups ?? {};
  return expr === undefined || name === undefined ? undefined : { expr, name };
}
