/** Placeholder until the search is written. */
export function Search() {
  return null;
}
