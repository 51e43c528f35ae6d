/** Lines of the status of a project. */

/** Part of a project that a line is about, in the order of the output. */
export type StatusArea = 'project' | 'connection' | 'runtime' | 'semantic-layer' | 'agents';

/** `ok`, `warning` for what works but is incomplete or old, `problem` for what does not work. */
export type StatusState = 'ok' | 'warning' | 'problem';

/** One line. */
export interface StatusItem {
  area: StatusArea;
  /** Id of the connection, or name of the area's part. */
  name: string;
  state: StatusState;
  /** What was found. */
  detail: string;
  /** Command or step that improves a state other than `ok`. */
  fix?: string;
  /** Time of the last scan or sync; ISO 8601. */
  at?: string;
}

/** The status of a project. */
export interface ProjectStatus {
  projectDir: string;
  project: string;
  /** Whether no line is a `problem`. */
  ok: boolean;
  items: StatusItem[];
}
