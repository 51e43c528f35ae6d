/** Shells that `ktx completion` has a script for. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** A shell. */
export type Shell = (typeof SHELLS)[number];
