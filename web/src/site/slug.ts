/**
 * File names for names of the project, which may contain anything: letters of any script, slashes, control characters.
 *
 * A slug has lower-case ASCII letters, digits and `_ - .` only, as some file systems ignore letter case; every other
 * byte of the UTF-8 text is `~` and two hexadecimal digits, so that different names have different slugs.
 */

/** Longest slug, in bytes; file systems allow 255 for a name, and the ending and a temporary name need some. */
const MAX_LENGTH = 200;

/** Names of devices on Windows, which no file may have with any ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

/** Encodes a name. */
export function slugOf(name: string): string {
  const bytes = new TextEncoder().encode(name);
  const encoded = [...bytes].map(encodeByte).join('');
  const safe =
    encoded.startsWith('.') || DEVICE.test(encoded) ? `${escapeByte(bytes[0] ?? 0)}${encoded.slice(1)}` : encoded;
  if (safe === '') return '~';
  return safe.length <= MAX_LENGTH ? safe : `${safe.slice(0, MAX_LENGTH - 18)}~~${fnv1a(bytes)}`;
}

function encodeByte(byte: number): string {
  const letter = String.fromCharCode(byte);
  return /[a-z0-9_.-]/.test(letter) ? letter : escapeByte(byte);
}

function escapeByte(byte: number): string {
  return `~${byte.toString(16).padStart(2, '0')}`;
}

/** The 64-bit hash FNV-1a in hexadecimal digits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(bytes: Uint8Array): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
