// The text of a tool's result, which each client wraps in its own way.

/** All texts of a value, in order, a line each. */
export function textsOf(value) {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .filter(([key]) => key !== 'type')
    .map(([, part]) => textsOf(part))
    .filter((text) => text !== '')
    .join('\n');
}
