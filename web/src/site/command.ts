/** Commands that pages propose. */

/** A word of a command line, in quotes if a shell would read it differently. */
export function shellWord(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Command that reads a connection: a scan of a database, or an ingest of a service. */
export function readCommand(connectionId: string, driver: string, isDatabase: boolean): string {
  const id = shellWord(connectionId);
  return isDatabase ? `ktx scan ${id}` : `ktx ingest run --connection-id ${id} --adapter ${shellWord(driver)}`;
}
