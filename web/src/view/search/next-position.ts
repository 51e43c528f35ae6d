/** The position in a list after a key: past an end none is selected (-1), and then the other end. */
export function nextPosition(position: number, step: number, count: number): number {
  const next = position + step;
  if (next < -1) return count - 1;
  return next >= count ? -1 : next;
}
