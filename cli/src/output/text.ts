/** Formatting of durations, sizes and counts. */

/** `315 ms`, `1.2 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `just now`, `5 min ago`, `3 h ago`, `12 days ago`; a time in the future is `just now`. */
export function formatAge(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `512 bytes`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const exponent = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), BYTE_UNITS.length - 1);
  const number = bytes / 1024 ** exponent;
  return `${Number(number.toFixed(1))} ${BYTE_UNITS[exponent]}`;
}

/** `1 table`, `2 tables`; `plural` is that of an irregular noun. */
export function pluralize(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** Maximum characters of a short line. */
const MAX_SHORT_LINE = 160;

/** Shortens a text to one line of 160 characters. */
export function toShortLine(text: string): string {
  // Texts from a database may contain control characters for the terminal.
  const line = text.replaceAll(/\p{Cc}+/gu, ' ');
  return line.length <= MAX_SHORT_LINE ? line : `${line.slice(0, MAX_SHORT_LINE - 1)}…`;
}
