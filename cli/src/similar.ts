/** Names that a name may be meant for. */

/** Maximum letters of a name that are compared. */
const MAX_LETTERS = 80;

/** The letters of a name that are compared: case, underscores and digits are ignored. */
export function lettersOf(name: string): string {
  return name
    .slice(0, MAX_LETTERS)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
}

/** Whether texts are equal after deleting at most one letter of each. */
export function isSimilar(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 1) return false;
  const variants = deletionVariants(right);
  return deletionVariants(left).some((text) => variants.includes(text));
}

/** The text, and every variant with one letter deleted. */
function deletionVariants(text: string): string[] {
  return [text, ...Array.from(text, (_, at) => text.slice(0, at) + text.slice(at + 1))];
}
