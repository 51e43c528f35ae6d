/** Names of tables in reports of runs. */

/**
 * The name of a table as its page has it: reports quote the parts of a name that have other characters than letters,
 * digits and the like, as in `main."a.b"`, and double the quotes in them.
 */
export function plainName(name: string): string {
  return name.replace(/(^|\.)"((?:[^"]|"")*)"(?=\.|$)/g, (_, dot: string, part: string) => {
    return `${dot}${part.replaceAll('""', '"')}`;
  });
}

/** The name of the page of a table in a report; `null` if the newest scan does not have it. */
export function pageOfTable(name: string, existing: Set<string>): string | null {
  if (existing.has(name)) return name;
  const plain = plainName(name);
  return existing.has(plain) ? plain : null;
}
