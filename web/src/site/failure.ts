/** What could not be read, for a page that shows the rest. */

/** An error of the package. */
export interface ReadFailure {
  message: string;
  /** What repairs it; `null` if nothing is known. */
  hint: string | null;
}

/** Message and hint of an error as sentences, without the last full stop. */
export function failureText({ message, hint }: { message: string; hint?: string | null | undefined }): string {
  return hint === undefined || hint === null ? message : `${message}. ${hint}`;
}
