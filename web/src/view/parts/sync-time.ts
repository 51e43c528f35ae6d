/** Times of scans. */

/** Time of a scan by its id, which begins with it: `2026-11-30 06:53 UTC`; the id if it does not. */
export function timeOfSync(syncId: string): string {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})\d*Z/.exec(syncId);
  if (match === null) return syncId;
  const [, year, month, day, hours, minutes] = match;
  return `${year}-${month}-${day} ${hours}:${minutes} UTC`;
}
