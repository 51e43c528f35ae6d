/** Selection of recorded runs by the commands. */

/** The recorded runs to show; `projectDir` is absolute, and `runId` an id, a unique prefix of one, or `latest`. */
export type RunQuery = { projectDir: string; all?: true } & (
  | { command: 'status'; runId?: string | undefined }
  | { command: 'report'; runId: string }
);
