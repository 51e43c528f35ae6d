/**
 * `@kaelio/ktx`: the managed Python runtime, its daemon, the typed HTTP ports on it, and local projects.
 *
 * Nothing is installed, started or connected by importing this module or by creating a port: work begins with the
 * first request that needs it. Every rejection is an `Error` with a stable `code` (see {@link KtxErrorCode}); an
 * argument of the wrong type throws a `TypeError` that names the argument.
 *
 * @packageDocumentation
 */

// --------------------------------------------------------------------------------------------- shared shapes

/** Streams of the hosting command line. Injected callbacks receive the same object. */
export interface KtxCliIo {
  stdout: { write(chunk: string): unknown; isTTY?: boolean };
  stderr: { write(chunk: string): unknown };
}

/**
 * A part of the runtime that can be installed: an extra of the wheel. `core` is always among the installed ones; lists
 * begin with `core` and `local-embeddings`, then come the others by name.
 */
export type KtxRuntimeFeature = 'core' | 'local-embeddings' | 'duckdb' | 'sqlalchemy';

/** What to do when the runtime is needed and missing: ask, install without asking, or refuse. */
export type KtxManagedPythonInstallPolicy = 'prompt' | 'auto' | 'never';

/** Codes of the errors that this package makes; `docs/errors.md` explains each. */
export type KtxErrorCode =
  | 'KTX_ADAPTER_DISABLED'
  | 'KTX_ADAPTER_UNKNOWN'
  | 'KTX_ARGUMENT_INVALID'
  | 'KTX_ASSET_CHECKSUM'
  | 'KTX_ASSET_INVALID'
  | 'KTX_ASSET_MISSING'
  | 'KTX_ASSET_NEWER'
  | 'KTX_ASSET_UNSAFE'
  | 'KTX_BINARY_UNAVAILABLE'
  | 'KTX_CONNECTION_FAILED'
  | 'KTX_CONNECTION_INVALID'
  | 'KTX_CONNECTION_UNKNOWN'
  | 'KTX_DAEMON_ELSEWHERE'
  | 'KTX_DAEMON_START_FAILED'
  | 'KTX_DAEMON_STOP_FAILED'
  | 'KTX_ENV_INVALID'
  | 'KTX_FILE_IO'
  | 'KTX_FORMAT_NEWER'
  | 'KTX_HTTP_ANSWER_INVALID'
  | 'KTX_HTTP_CONNECT'
  | 'KTX_HTTP_LOST'
  | 'KTX_HTTP_NOT_OBJECT'
  | 'KTX_HTTP_STATUS'
  | 'KTX_HTTP_TIMEOUT'
  | 'KTX_HTTP_TOO_LARGE'
  | 'KTX_HTTP_TRUNCATED'
  | 'KTX_HTTP_URL_INVALID'
  | 'KTX_INTERNAL'
  | 'KTX_LIMIT_REACHED'
  | 'KTX_LOCK_TIMEOUT'
  | 'KTX_PROJECT_EXISTS'
  | 'KTX_PROJECT_INVALID'
  | 'KTX_PROJECT_MISSING'
  | 'KTX_PROJECT_UNSAFE'
  | 'KTX_PROJECT_UNTRUSTED'
  | 'KTX_QUERY_FAILED'
  | 'KTX_RUNTIME_CANCELLED'
  | 'KTX_RUNTIME_INSTALL_FAILED'
  | 'KTX_RUNTIME_INSTALLER_MISSING'
  | 'KTX_RUNTIME_POLICY'
  | 'KTX_RUNTIME_REQUIRED'
  | 'KTX_RUNTIME_UNSAFE'
  | 'KTX_RUN_BUSY'
  | 'KTX_RUN_UNKNOWN'
  | 'KTX_SCAN_MISSING'
  | 'KTX_SECRET_MISSING'
  | 'KTX_SEMANTIC_INVALID'
  | 'KTX_SEMANTIC_UNKNOWN'
  | 'KTX_SOURCE_DIR_INVALID'
  | 'KTX_SOURCE_FORBIDDEN'
  | 'KTX_STORE_FAILED';

/**
 * Shape of every error that this package makes: own properties, and the stack of the call that it is the outcome of.
 * `message` is one statement of what happened, without a full stop.
 */
export interface KtxError extends Error {
  /** Stable; the one property to match on. */
  code: KtxErrorCode;
  /** The next step: one imperative sentence without a full stop. */
  hint?: string;
  /** HTTP status of the answer, where it was outside of 200 to 299. */
  status?: number;
  /** The refusal of the daemon. */
  response?: KtxErrorResponse;
  /** What caused it: another error of this package, one of the system, or what an injected callback has thrown. Not enumerable. */
  cause?: unknown;
}

/** The body of an answer with which the daemon refuses a request. */
export interface KtxErrorResponse {
  /** One sentence without a full stop. */
  detail: string;
  /** Stable code of the daemon, listed in `docs/errors.md`; a one-shot command of an older daemon has none. */
  code?: string;
  /** The next step, one sentence. */
  hint?: string;
  /** Every wrong field of a request of the wrong shape, by its path, such as `items[0].key`. */
  errors?: Array<{ path: string; message: string }>;
}

// ------------------------------------------------------------------------------- runtime: layout and asset

/** Location of the runtime. Every key but `cliVersion` has a default. */
export interface ManagedPythonRuntimeLayoutOptions {
  /** Version of the command line; names the version folder. */
  cliVersion: string;
  /** Platform to compute the layout for; default: this one. */
  platform?: NodeJS.Platform;
  /** Replaces the process environment. */
  env?: Record<string, string | undefined>;
  /** Home folder; default: the user's. */
  homeDir?: string;
  /** Folder of all versions; wins over `KTX_RUNTIME_ROOT`. Absolute. */
  runtimeRoot?: string;
  /** Folder of the bundled wheel; default: the one in this package. */
  assetDir?: string;
}

/** Every path of one version of the runtime; all absolute. */
export interface ManagedPythonRuntimeLayout {
  cliVersion: string;
  runtimeRoot: string;
  versionDir: string;
  venvDir: string;
  manifestPath: string;
  installLogPath: string;
  assetDir: string;
  assetManifestPath: string;
  pythonPath: string;
  daemonPath: string;
  daemonStatePath: string;
  daemonStdoutPath: string;
  daemonStderrPath: string;
}

/** A file of the bundled asset; `sha256` in lower-case hexadecimal, `bytes` its size. */
export interface RuntimeAssetFile {
  file: string;
  sha256: string;
  bytes: number;
}

/** `manifest.json` beside the bundled wheel. */
export interface RuntimeAssetManifest {
  schemaVersion: 1;
  distributionName: 'kaelio-ktx';
  normalizedName: 'kaelio_ktx';
  version: string;
  wheel: RuntimeAssetFile;
  /** Hash-pinned requirements of every feature. */
  lock?: RuntimeAssetFile;
}

/** `manifest.json` of an installed runtime. */
export interface InstalledRuntimeManifest {
  schemaVersion: 1;
  cliVersion: string;
  /** ISO 8601. */
  installedAt: string;
  asset: RuntimeAssetManifest;
  features: KtxRuntimeFeature[];
  python: { executable: string; daemonExecutable: string };
  installLog: string;
}

/** Says which installer is required, how to get one, and the command to run then. */
export const MISSING_UV_RUNTIME_INSTALL_MESSAGE: string;

/** Computes every path of the runtime; touches no disk. Throws `KTX_ENV_INVALID` on an impossible variable. */
export function managedPythonRuntimeLayout(options: ManagedPythonRuntimeLayoutOptions): ManagedPythonRuntimeLayout;

/** Reads the bundled asset and checks its size and SHA-256 (and those of its lock file). */
export function verifyRuntimeAsset(options: {
  assetDir: string;
}): Promise<{ manifest: RuntimeAssetManifest; wheelPath: string }>;

// ---------------------------------------------------------------------------------------- runtime: uv

/** Where the uv that the runtime provisions for itself is, and how it is fetched. */
export interface ManagedUvOptions {
  /** Wins over `KTX_RUNTIME_ROOT`; an absolute path. */
  runtimeRoot?: string;
  /** `process.platform` unless given. */
  platform?: string;
  /** `process.arch` unless given. */
  arch?: string;
  /** Replaces the environment of the process. */
  env?: Record<string, string | undefined>;
  homeDir?: string;
  /**
   * Fetches the index page and the wheel in place of the addon's own HTTP. The URL carries the credentials of the
   * index where its variable has some. The SHA-256 is verified in any case.
   */
  fetchArtifact?: (url: string) => Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>;
}

/**
 * The path of the uv that the runtime provisions for itself, `<root>/tools/uv/<version>/uv`; touches no disk. Throws
 * `KTX_RUNTIME_INSTALLER_MISSING` for a platform or architecture that uv is not pinned for.
 */
export function managedUvPath(options: ManagedUvOptions): string;

/**
 * The same path, with the pinned uv there: its wheel is fetched from the package index that `UV_DEFAULT_INDEX`,
 * `UV_INDEX_URL`, `PIP_INDEX_URL` or `uv.toml` names if the executable is missing or is not the pinned one.
 */
export function ensureManagedUv(options: ManagedUvOptions): Promise<string>;

// --------------------------------------------------------------------------------- runtime: installation

/** Runs one command; rejects with an error that carries `stdout` and `stderr`. */
export type RuntimeExec = (
  command: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> },
) => Promise<{ stdout: string; stderr: string }>;

/** Progress: a phase begins, the tool prints a line, or another process is waited for. */
export interface RuntimeInstallProgress {
  phase: 'waiting' | 'verify' | 'environment' | 'packages' | 'finish';
  /** One line for people. */
  message: string;
}

/** Options of {@link installManagedPythonRuntime}. */
export interface InstallManagedPythonRuntimeOptions extends ManagedPythonRuntimeLayoutOptions {
  features: KtxRuntimeFeature[];
  /** Reinstall even if the runtime is up to date. The old one is replaced only when the new one works. */
  force?: boolean;
  exec?: RuntimeExec;
  onProgress?: (progress: RuntimeInstallProgress) => void;
  /** Cancels; rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Result of {@link installManagedPythonRuntime}; `ready` means that it was installed already. */
export interface InstallManagedPythonRuntimeResult {
  status: 'ready' | 'installed';
  layout: ManagedPythonRuntimeLayout;
  asset: { manifest: RuntimeAssetManifest; wheelPath: string };
  manifest: InstalledRuntimeManifest;
}

/** Installs the bundled wheel and its dependencies into a private virtual environment. */
export function installManagedPythonRuntime(
  options: InstallManagedPythonRuntimeOptions,
): Promise<InstallManagedPythonRuntimeResult>;

/** State of the runtime on disk; `detail` is the reason where it is not usable. */
export interface ManagedPythonRuntimeStatus {
  kind: 'missing' | 'ready' | 'mismatched' | 'broken';
  detail: string;
  layout: ManagedPythonRuntimeLayout;
  manifest?: InstalledRuntimeManifest;
}

/** Reads the state of the runtime; never rejects for what is on disk. */
export function readManagedPythonRuntimeStatus(
  options: ManagedPythonRuntimeLayoutOptions,
): Promise<ManagedPythonRuntimeStatus>;

/** One check of {@link doctorManagedPythonRuntime}. */
export interface ManagedPythonRuntimeCheck {
  id: 'uv' | 'asset' | 'runtime';
  label: string;
  status: 'pass' | 'fail';
  detail: string;
  /** How to fix a failed check. */
  fix?: string;
}

/** Checks the installer, the bundled wheel and the installed runtime, in this order. */
export function doctorManagedPythonRuntime(
  options: ManagedPythonRuntimeLayoutOptions & { exec?: RuntimeExec },
): Promise<ManagedPythonRuntimeCheck[]>;

/** An archive that {@link writeKtxDiagnosticBundle} wrote. */
export interface KtxDiagnosticBundle {
  /** Absolute path. */
  file: string;
  /** Its files in their order; names are the same in every bundle, `bytes` are sizes before compression. */
  entries: { name: string; about: string; bytes: number }[];
}

/**
 * Writes what a bug report needs into a new ZIP archive of mode 0600: versions, the doctor's report, state files, ends of
 * logs, names of settings. Secrets, hosts, values of variables and the home folder are replaced, and nothing is sent.
 * Rejects with `KTX_ARGUMENT_INVALID` where the file exists.
 */
export function writeKtxDiagnosticBundle(
  options: ManagedPythonRuntimeLayoutOptions & {
    file: string;
    /** Folder of a project whose `ktx.yaml` is added without secrets and hosts. */
    projectDir?: string;
    /** Versions of the host, added as they are. */
    host?: Record<string, unknown>;
  },
): Promise<KtxDiagnosticBundle>;

/** Importance of an event in the log, the most important first. */
export type KtxLogLevel = 'error' | 'warn' | 'info' | 'debug';

/** An event of the host for the log. */
export interface KtxLogEvent {
  level: KtxLogLevel;
  /** What happened, as `noun.participle`. */
  event: string;
  requestId?: string;
  /** What else is known of it. What is named or looks like a credential is replaced; SQL and values do not belong here. */
  fields?: Record<string, unknown>;
  /** Replaces the process environment for `KTX_RUNTIME_ROOT` and `KTX_LOG_LEVEL`. */
  env?: Record<string, string | undefined>;
}

/**
 * Appends an event to `ktx.log` below the runtime root, if `KTX_LOG_LEVEL` lets it pass. Nothing is written before that
 * folder exists, and a log that cannot be written is no error.
 */
export function writeKtxLogEvent(event: KtxLogEvent): void;

/** Result of {@link pruneManagedPythonRuntimes}; absolute paths of version folders. */
export interface PruneManagedPythonRuntimesResult {
  runtimeRoot: string;
  /** Folders of other versions that no live daemon uses. */
  stale: string[];
  /** Folders that stay: the current version, and those whose daemon is alive. */
  kept: string[];
  /** Folders that were removed; empty on a dry run. */
  removed: string[];
}

/** Removes the runtimes of other versions, never one whose daemon is alive. */
export function pruneManagedPythonRuntimes(options: {
  cliVersion: string;
  runtimeRoot: string;
  dryRun?: boolean;
}): Promise<PruneManagedPythonRuntimesResult>;

// ----------------------------------------------------------------------------------- policy and command

/** Maps the flags `--yes` and `--no-input` to a policy; both together throw `KTX_RUNTIME_POLICY`. */
export function runtimeInstallPolicyFromFlags(flags: { yes?: boolean; input?: boolean }): KtxManagedPythonInstallPolicy;

/** The command that installs a feature. */
export function managedRuntimeInstallCommand(feature: KtxRuntimeFeature): string;

/** The runtime that a command may use. */
export interface ManagedPythonCommandRuntime {
  layout: ManagedPythonRuntimeLayout;
  manifest: InstalledRuntimeManifest;
}

/** Options of {@link ensureManagedPythonCommandRuntime}. */
export interface EnsureManagedPythonCommandRuntimeOptions {
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
  io: KtxCliIo;
  /** Default `core`. */
  feature?: KtxRuntimeFeature;
  readStatus?: (options: { cliVersion: string }) => Promise<ManagedPythonRuntimeStatus>;
  installRuntime?: (options: {
    cliVersion: string;
    features: KtxRuntimeFeature[];
    force: boolean;
  }) => Promise<InstallManagedPythonRuntimeResult>;
  /** Asks the user. Without it, the policy `prompt` rejects with `KTX_RUNTIME_REQUIRED`. */
  confirmInstall?: (question: string) => boolean | Promise<boolean>;
  /** Progress of this package's own installer, which runs where `installRuntime` is absent. */
  onProgress?: (progress: RuntimeInstallProgress) => void;
  /** Cancels; rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Ensures that a feature is installed, as the policy allows. */
export function ensureManagedPythonCommandRuntime(
  options: EnsureManagedPythonCommandRuntimeOptions,
): Promise<ManagedPythonCommandRuntime>;

/** A table from which a source is generated. */
export interface KtxSemanticTable {
  name: string;
  catalog?: string | null;
  db?: string | null;
  comment?: string | null;
  columns: { name: string; type: string; primaryKey?: boolean; nullable?: boolean; comment?: string | null }[];
}

/**
 * A foreign key with lists of its columns, or one pair of them; the type reads from the first table to the second.
 * Pairs with the same `constraintName` are one key.
 */
export type KtxSemanticLink = {
  fromTable: string;
  toTable: string;
  /** Default `many_to_one`. */
  relationshipType?: 'many_to_one' | 'one_to_many' | 'one_to_one';
  /** The database's name of the key. */
  constraintName?: string | null;
} & ({ fromColumn: string; toColumn: string } | { fromColumns: string[]; toColumns: string[] });

/**
 * Semantic-layer calls of the wheel. Unknown keys are refused, with their place. Sources, queries and plans are those
 * of {@link KtxSemanticSource}, {@link KtxSemanticQuery} and {@link KtxSemanticQueryResult}.
 */
export interface KtxSemanticLayerComputePort {
  query(payload: {
    sources: KtxSemanticSource[];
    query: KtxSemanticQuery;
    dialect: string;
  }): Promise<{ sql: string; dialect: string; columns: KtxSemanticResultColumn[]; plan: Record<string, unknown> }>;
  /** Warnings are listed for the sources in `recentlyTouched`, or for all; `dialect` is `postgres` by default. */
  validateSources(payload: { sources: KtxSemanticSource[]; dialect?: string; recentlyTouched?: string[] }): Promise<{
    valid: boolean;
    errors: string[];
    warnings: string[];
    perSourceWarnings: Record<string, string[]>;
  }>;
  generateSources(payload: {
    tables: KtxSemanticTable[];
    links?: KtxSemanticLink[];
    dialect: string;
  }): Promise<{ sources: KtxSemanticSource[]; sourceCount: number }>;
}

/** Ensures the core runtime and returns what `createPythonCompute` made, else a native port. */
export function createManagedPythonSemanticLayerComputePort<T = KtxSemanticLayerComputePort>(
  options: EnsureManagedPythonCommandRuntimeOptions & {
    createPythonCompute?: (options: { command: string; args: string[] }) => T;
  },
): Promise<T>;

/** Returns the same port immediately; its first call ensures the runtime. A failure is not cached. */
export function createLazyManagedPythonSemanticLayerComputePort(
  options: EnsureManagedPythonCommandRuntimeOptions & {
    createPythonCompute?: (options: {
      command: string;
      args: string[];
    }) => KtxSemanticLayerComputePort | Promise<KtxSemanticLayerComputePort>;
  },
): KtxSemanticLayerComputePort;

// ------------------------------------------------------------------------------------------------ daemon

/** `daemon.json`. Readers ignore keys that they do not know. */
export interface ManagedPythonDaemonState {
  schemaVersion: 1;
  pid: number;
  host: '127.0.0.1';
  port: number;
  version: string;
  features: KtxRuntimeFeature[];
  /** ISO 8601. */
  startedAt: string;
  stdoutLog: string;
  stderrLog: string;
}

/** The process of a daemon: what a start needs of it. */
export interface ManagedPythonDaemonChild {
  pid?: number | undefined;
  unref(): void;
}

/** Spawns the daemon; called synchronously, as `child_process.spawn` is. */
export type ManagedPythonDaemonSpawn = (
  command: string,
  args: string[],
  options: { detached: true; stdio: ['ignore', number, number]; env: Record<string, string> },
) => ManagedPythonDaemonChild;

/** Requests `/health` of a daemon. */
export type ManagedPythonDaemonFetch = (
  url: string,
) => Promise<{ ok: boolean; status: number; json(): Promise<unknown>; text(): Promise<string> }>;

/** The layout, which has the daemon's own paths; the same as {@link managedPythonRuntimeLayout}. */
export function managedPythonDaemonLayout(options: ManagedPythonRuntimeLayoutOptions): ManagedPythonRuntimeLayout;

/** The error of a failed start, which leaves no process and no state file. */
export class ManagedPythonDaemonStartError extends Error {
  constructor(detail: string, stderrLog: string);
  readonly code: 'KTX_DAEMON_START_FAILED';
  /** The reason, with the last lines of the daemon's log. */
  readonly detail: string;
  /** Path of that log. */
  readonly stderrLog: string;
  /** The next step, one sentence. */
  readonly hint?: string;
}

/** Options of {@link startManagedPythonDaemon}. Callbacks replace parts of the native implementation. */
export interface StartManagedPythonDaemonOptions extends ManagedPythonRuntimeLayoutOptions {
  features: KtxRuntimeFeature[];
  /** Replace a usable daemon. */
  force?: boolean;
  installRuntime?: (
    options: ManagedPythonRuntimeLayoutOptions & { features: KtxRuntimeFeature[]; force: boolean },
  ) => Promise<InstallManagedPythonRuntimeResult>;
  spawnDaemon?: ManagedPythonDaemonSpawn;
  fetch?: ManagedPythonDaemonFetch;
  allocatePort?: () => number | Promise<number>;
  processAlive?: (pid: number) => boolean;
  killProcess?: (pid: number) => void;
  now?: () => Date;
  /** Milliseconds until a start fails; default 60000. */
  startupTimeoutMs?: number;
  /** Milliseconds between probes where the daemon cannot report readiness (with `spawnDaemon`); default 100. */
  pollIntervalMs?: number;
  /** Called while another process starts or stops the daemon or installs the runtime; the message names it. */
  onProgress?: (progress: RuntimeInstallProgress) => void;
  /** Cancels the start; rejects with the signal's reason and leaves no process. */
  signal?: AbortSignal;
}

/** Result of {@link startManagedPythonDaemon}. */
export interface ManagedPythonDaemonStartResult {
  status: 'started' | 'reused';
  layout: ManagedPythonRuntimeLayout;
  state: ManagedPythonDaemonState;
  baseUrl: string;
}

/**
 * Starts the daemon of this version, or reuses the one that runs and is usable. Rejects with a
 * {@link ManagedPythonDaemonStartError} where it cannot be started.
 */
export function startManagedPythonDaemon(
  options: StartManagedPythonDaemonOptions,
): Promise<ManagedPythonDaemonStartResult>;

/** State of the daemon; `detail` is the reason. A `stale` daemon may lack a readable state file. */
export type ManagedPythonDaemonStatus =
  | { kind: 'stopped'; detail: string; layout: ManagedPythonRuntimeLayout }
  | {
      kind: 'running';
      detail: string;
      layout: ManagedPythonRuntimeLayout;
      state: ManagedPythonDaemonState;
      baseUrl: string;
    }
  | { kind: 'stale'; detail: string; layout: ManagedPythonRuntimeLayout; state?: ManagedPythonDaemonState };

/** Probes the daemon of this version; changes nothing. */
export function readManagedPythonDaemonStatus(
  options: ManagedPythonRuntimeLayoutOptions & Pick<StartManagedPythonDaemonOptions, 'fetch' | 'processAlive'>,
): Promise<ManagedPythonDaemonStatus>;

/** Result of {@link stopManagedPythonDaemon}. */
export interface ManagedPythonDaemonStopResult {
  status: 'stopped' | 'already-stopped';
  layout: ManagedPythonRuntimeLayout;
  state?: ManagedPythonDaemonState;
}

/** Stops the daemon of this version if it is ours, and verifies that its process has ended. */
export function stopManagedPythonDaemon(
  options: ManagedPythonRuntimeLayoutOptions &
    Pick<StartManagedPythonDaemonOptions, 'processAlive' | 'killProcess' | 'onProgress'>,
): Promise<ManagedPythonDaemonStopResult>;

/** One daemon found by {@link stopAllManagedPythonDaemons}. */
export interface StoppedManagedPythonDaemon {
  versionDir: string;
  status: 'stopped' | 'already-stopped';
  pid?: number;
}

/**
 * Stops every daemon of this user: of every version, below this root, the default root and the roots that were used
 * before. An error of one is reported after all others have been stopped.
 */
export function stopAllManagedPythonDaemons(
  options: ManagedPythonRuntimeLayoutOptions & Pick<StartManagedPythonDaemonOptions, 'onProgress'>,
): Promise<StoppedManagedPythonDaemon[]>;

/** A currently free TCP port on 127.0.0.1. */
export function allocateDaemonPort(): Promise<number>;

// -------------------------------------------------------------------------------------------- HTTP ports

/** Posts a JSON object to a path of the daemon and returns the JSON object of the answer. */
export type ManagedPythonHttpJsonRunner = (
  path: string,
  payload: Record<string, unknown>,
  call?: { signal?: AbortSignal },
) => Promise<Record<string, unknown>>;

/** The same with the base URL as an argument. */
export type ManagedPythonHttpPostJson = (
  baseUrl: string,
  path: string,
  payload: Record<string, unknown>,
) => Promise<Record<string, unknown>>;

/** Limits of the native transport. */
export interface ManagedPythonHttpLimits {
  /** Connect timeout in milliseconds; default 5000. */
  connectTimeoutMs?: number;
  /** Timeout of the whole response in milliseconds; default 120000. */
  timeoutMs?: number;
  /** Maximum response size in bytes; default 64 MiB. */
  maxResponseBytes?: number;
  /** Cancels; rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** How to find, install and start the managed core daemon. */
export interface ManagedPythonCoreDaemonOptions {
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
  io: KtxCliIo;
  ensureRuntime?: (options: {
    cliVersion: string;
    installPolicy: KtxManagedPythonInstallPolicy;
    io: KtxCliIo;
    feature: 'core';
  }) => Promise<ManagedPythonCommandRuntime>;
  startDaemon?: (options: {
    cliVersion: string;
    features: ['core'];
    force: false;
  }) => Promise<ManagedPythonDaemonStartResult>;
  /**
   * Asks the user before the runtime is installed under the policy `prompt`; without it that policy rejects with
   * `KTX_RUNTIME_REQUIRED`. Not called where `ensureRuntime` is given.
   */
  confirmInstall?: (question: string) => boolean | Promise<boolean>;
  /**
   * Phases of an installation, and what a start waits for. Without it only waiting is reported, as lines on
   * `io.stderr`. Not called for what `ensureRuntime` and `startDaemon` do.
   */
  onProgress?: (progress: RuntimeInstallProgress) => void;
}

/** Options of every call that reaches the daemon. */
export interface KtxRequestOptions {
  /**
   * Id of the request in both logs, in the header `X-Request-Id`, and in the sessions of databases: 1 to 48 letters,
   * digits, `.`, `_` or `-`. Default: a random one for each request to the daemon.
   */
  requestId?: string;
}

/** Transport of the requests: a function, a resolved base URL, or the managed daemon. */
export type ManagedPythonDaemonHttpOptions =
  | { requestJson: ManagedPythonHttpJsonRunner }
  | ({ resolveBaseUrl: () => string | Promise<string>; postJson?: ManagedPythonHttpPostJson } & ManagedPythonHttpLimits)
  | (ManagedPythonCoreDaemonOptions & { postJson?: ManagedPythonHttpPostJson } & ManagedPythonHttpLimits);

/** Posts JSON with the native transport: pooled, bounded, without redirects, without proxies on loopback. */
export function postManagedDaemonJson(
  baseUrl: string,
  path: string,
  payload: Record<string, unknown>,
  limits?: ManagedPythonHttpLimits,
): Promise<Record<string, unknown>>;

/** A function that ensures the runtime, starts the daemon once, and returns its base URL. */
export function createManagedPythonDaemonBaseUrlResolver(
  options: ManagedPythonCoreDaemonOptions,
): () => Promise<string>;

/** A runner on the given transport; for `{ requestJson }`, that function itself. */
export function createManagedDaemonHttpJsonRunner(options: ManagedPythonDaemonHttpOptions): ManagedPythonHttpJsonRunner;

/** One reference to parse; `sql_table_name` as a Looker explore or view gives it. */
export interface LookerTableIdentifierParseItem {
  key: string;
  sql_table_name: string;
  /** A sqlglot dialect, for example `postgres`. */
  dialect: string;
}

/**
 * A physical table (`ok`, with `name` and `canonical_table`), or the `reason` why the text names none: one of
 * `looker_template_unresolved`, `derived_table_not_supported`, `no_physical_table`, `multiple_table_references`,
 * `unsupported_dialect` and `parse_error`.
 */
export interface LookerTableIdentifierParseResult {
  ok: boolean;
  catalog?: string | null;
  schema?: string | null;
  name?: string;
  canonical_table?: string;
  reason?: string;
  detail?: string;
}

/** Parses Looker's table references; results by key. */
export interface LookerTableIdentifierParser {
  parse(items: LookerTableIdentifierParseItem[]): Promise<Record<string, LookerTableIdentifierParseResult>>;
}

/** A parser on the daemon's `/sql/parse-table-identifier`. */
export function createManagedDaemonLookerTableIdentifierParser(
  options: ManagedPythonDaemonHttpOptions,
): LookerTableIdentifierParser;

/** A literal that a fingerprint replaced; `position` counts from 1. */
export interface SqlLiteralSlot {
  position: number;
  type: 'string' | 'number' | 'timestamp' | 'date' | 'boolean' | 'null' | 'unknown';
  exampleValue: string;
}

/** A statement without its literals. */
export interface SqlFingerprint {
  fingerprint: string;
  normalizedSql: string;
  /** Physical tables in order of appearance, each `schema.table` or `table`. */
  tablesTouched: string[];
  literalSlots: SqlLiteralSlot[];
}

/** Analysis of one statement of a batch; `error` is `null` unless the statement could not be parsed. */
export interface SqlBatchAnalysis {
  fingerprint: string | null;
  normalizedSql: string | null;
  literalSlots: SqlLiteralSlot[];
  tablesTouched: { catalog: string | null; db: string | null; name: string }[];
  columnsByClause: Partial<Record<'select' | 'where' | 'join' | 'groupBy' | 'having' | 'orderBy', string[]>>;
  error: string | null;
}

/** SQL analysis by the daemon. */
export interface SqlAnalysisPort {
  analyzeForFingerprint(sql: string, dialect: string): Promise<SqlFingerprint>;
  /** Analyses by item id, in one request; an unqualified table is looked up in the catalog, if there is one. */
  analyzeBatch(
    items: { id: string; sql: string }[],
    dialect: string,
    options?: { catalog?: SqlCatalog },
  ): Promise<Record<string, SqlBatchAnalysis>>;
}

/** The tables to which unqualified names are resolved. */
export interface SqlCatalog {
  tables: { catalog?: string | null; db?: string | null; name: string; columns?: string[] }[];
}

/** A port on the daemon's SQL analysis. */
export function createManagedDaemonSqlAnalysisPort(options: ManagedPythonDaemonHttpOptions): SqlAnalysisPort;

/** Request options of a live-database introspection that goes to the daemon. */
export function managedDaemonDatabaseIntrospectionOptions(options: ManagedPythonDaemonHttpOptions): {
  requestJson: ManagedPythonHttpJsonRunner;
};

// -------------------------------------------------------------------------------------- local embeddings

/** Options of {@link ensureManagedLocalEmbeddingsDaemon}. */
export interface ManagedLocalEmbeddingsOptions {
  cliVersion: string;
  installPolicy: KtxManagedPythonInstallPolicy;
  io: KtxCliIo;
  ensureRuntime?: (options: {
    cliVersion: string;
    installPolicy: KtxManagedPythonInstallPolicy;
    io: KtxCliIo;
    feature: 'local-embeddings';
  }) => Promise<ManagedPythonCommandRuntime>;
  startDaemon?: (options: {
    cliVersion: string;
    features: ['local-embeddings'];
    force: false;
  }) => Promise<ManagedPythonDaemonStartResult>;
}

/** The local embeddings daemon; `env` is for clients that only know a base URL, which carries the token. */
export interface ManagedLocalEmbeddingsDaemon {
  baseUrl: string;
  env: { KTX_MANAGED_SENTENCE_TRANSFORMERS_BASE_URL: string };
}

/** Ensures that the local embeddings daemon runs. */
export function ensureManagedLocalEmbeddingsDaemon(
  options: ManagedLocalEmbeddingsOptions,
): Promise<ManagedLocalEmbeddingsDaemon>;

/** The running daemon with the feature, or null; starts and installs nothing. Its URL carries the token. */
export function tryUseManagedLocalEmbeddingsDaemon(options: {
  cliVersion: string;
  readStatus?: (options: { cliVersion: string }) => Promise<ManagedPythonDaemonStatus>;
}): Promise<{ baseUrl: string; stdoutLog: string; stderrLog: string } | null>;

/** Project configuration of local embeddings: a stable marker in place of a port. */
export function managedLocalEmbeddingProjectConfig(options: { model: string; dimensions: number }): {
  backend: 'sentence-transformers';
  model: string;
  dimensions: number;
  sentenceTransformers: { base_url: 'managed:local-embeddings'; pathPrefix: '' };
};

/** Configuration of a health check against a running local embeddings daemon. */
export function managedLocalEmbeddingHealthConfig(options: { baseUrl: string; model: string; dimensions: number }): {
  backend: 'sentence-transformers';
  model: string;
  dimensions: number;
  sentenceTransformers: { baseURL: string; pathPrefix: '' };
};

// ---------------------------------------------------------------------------------------------- routing

/** The route of a helper to a daemon, and the option or variable that decided it. */
export type KtxDaemonRoute =
  | { kind: 'injected' }
  | { kind: 'url'; baseUrl: string; decidedBy: string }
  | { kind: 'managed' }
  | { kind: 'one-shot' };

/** Options that decide the routes of local ingest; `env` replaces the process environment. */
export interface KtxLocalIngestRoutingOptions extends KtxRequestOptions {
  looker?: { parser?: LookerTableIdentifierParser; daemonBaseUrl?: string };
  sqlAnalysisUrl?: string;
  databaseIntrospectionUrl?: string;
  databaseIntrospection?: { requestJson?: ManagedPythonHttpJsonRunner };
  managedDaemon?: ManagedPythonCoreDaemonOptions;
  env?: Record<string, string | undefined>;
}

/** Route of Looker table identifiers: parser, `looker.daemonBaseUrl`, `KTX_DAEMON_URL`, managed, default URL. */
export function lookerTableIdentifierRoute(options: KtxLocalIngestRoutingOptions): KtxDaemonRoute;

/** Route of SQL analysis: `sqlAnalysisUrl`, `KTX_SQL_ANALYSIS_URL`, `KTX_DAEMON_URL`, managed, default URL. */
export function sqlAnalysisRoute(options: KtxLocalIngestRoutingOptions): KtxDaemonRoute;

/**
 * Route of everything that reaches a database (introspection, query history, queries): `databaseIntrospectionUrl`, an
 * injected `requestJson`, managed, one-shot.
 */
export function databaseIntrospectionRoute(options: KtxLocalIngestRoutingOptions): KtxDaemonRoute;

/** The parser on the route that {@link lookerTableIdentifierRoute} names. */
export function createLocalLookerTableIdentifierParser(
  options: KtxLocalIngestRoutingOptions,
): LookerTableIdentifierParser;

/** The port on the route that {@link sqlAnalysisRoute} names. */
export function createLocalSqlAnalysisPort(options: KtxLocalIngestRoutingOptions): SqlAnalysisPort;

/** Options that a run hands to adapter creation and to pull-config resolution; absent keys are absent. */
export interface KtxLocalIngestAdapterOptions {
  databaseIntrospectionUrl?: string;
  managedDaemon?: { cliVersion: string; installPolicy: KtxManagedPythonInstallPolicy; io: KtxCliIo };
  historicSqlConnectionId?: string;
}

/** Builds these options: the managed daemon only without an explicit URL and with version and policy known. */
export function localIngestAdapterOptions(
  args: {
    databaseIntrospectionUrl?: string | undefined;
    cliVersion?: string | undefined;
    runtimeInstallPolicy?: KtxManagedPythonInstallPolicy | undefined;
    historicSqlConnectionId?: string | undefined;
  },
  io: KtxCliIo,
): KtxLocalIngestAdapterOptions;

// ------------------------------------------------------------------------------------- projects and scans

/** A connection of `ktx.yaml` without its secrets. */
export interface KtxProjectConnection {
  id: string;
  driver: string;
  readonly: boolean;
  /** Its target, without credentials: `env:WAREHOUSE_URL`, a path, or host, port and database. */
  target: string;
}

/** A loaded project. */
export interface KtxProject {
  projectDir: string;
  configPath: string;
  name: string;
  connections: KtxProjectConnection[];
  /** Problems of `ktx.yaml` that are no errors, such as unknown keys. */
  warnings: string[];
}

/** Creates a project; rejects with `KTX_PROJECT_EXISTS` where there is one. */
export function initKtxProject(options: { projectDir: string; projectName?: string }): Promise<KtxProject>;

/** The nearest folder upwards that holds a `ktx.yaml`; rejects with `KTX_PROJECT_MISSING` when there is none. */
export function findKtxProjectDir(options: { startDir: string }): Promise<string>;

/** Reads and checks `ktx.yaml`. */
export function loadKtxProject(options: { projectDir: string }): Promise<KtxProject>;

/**
 * Adds a connection to `ktx.yaml` and leaves the rest of the file, comments included, as it is. Concurrent calls, also
 * those of other processes, are serialized.
 */
export function addKtxProjectConnection(options: {
  projectDir: string;
  connectionId: string;
  connection: { driver: string; url?: string; path?: string; readonly?: boolean };
}): Promise<KtxProject>;

/** What a connection refers to outside its project. */
export interface KtxOutsideReferences {
  connectionId: string;
  /** As they are written, never the values. */
  references: string[];
  /** The target of the connection, where `ktx.yaml` has it. */
  target: string | null;
}

/**
 * Records that a project is trusted with its connections as they are: in the user's own configuration folder, by the
 * real path of the project. {@link addKtxProjectConnection} does so for a project that is trusted, or needs no trust.
 */
export function trustKtxProject(options: {
  projectDir: string;
  env?: Record<string, string | undefined>;
}): Promise<{ projectDir: string; references: KtxOutsideReferences[] }>;

/**
 * Whether a project that was not made here may use what it refers to outside itself: `env:`, a `file:` elsewhere, and
 * credentials of this machine. `ask`, the default, looks whether the project is trusted with its connections as they are
 * (`KTX_TRUST=1` trusts every one), then asks `confirmTrust`, and without one rejects with `KTX_PROJECT_UNTRUSTED` and a
 * `hint`. `always` uses them without a record; `never` does not, even where trust is recorded.
 */
export interface KtxTrustOptions {
  trust?: 'ask' | 'always' | 'never';
  /** Asks the user; `true` is recorded, for the connections as they are. */
  confirmTrust?: (question: string) => boolean | Promise<boolean>;
}

/** Options that reach a database through the daemon. */
export interface KtxConnectionOptions extends KtxTrustOptions, KtxRequestOptions {
  projectDir: string;
  connectionId: string;
  databaseIntrospectionUrl?: string;
  databaseIntrospection?: { requestJson?: ManagedPythonHttpJsonRunner };
  managedDaemon?: ManagedPythonCoreDaemonOptions;
  env?: Record<string, string | undefined>;
  signal?: AbortSignal;
}

/** A working connection: its visible tables, or the models and explores of Looker, which has no tables. */
export interface KtxConnectionTest {
  connectionId: string;
  driver: string;
  tableCount: number;
  modelCount?: number;
  exploreCount?: number;
  /** Sentences about rights of the user that a read-only session does not stop, such as those of a superuser. */
  warnings?: string[];
}

/** Connects, and counts the visible tables. */
export function testKtxConnection(options: KtxConnectionOptions): Promise<KtxConnectionTest>;

/** Progress of a run. */
export interface KtxRunProgress {
  phase: 'fetch' | 'stage' | 'diff' | 'report';
  message: string;
  done?: number;
  total?: number;
}

/** Counts of entities against the last successful sync. */
export interface KtxDiffSummary {
  added: number;
  modified: number;
  deleted: number;
  unchanged: number;
}

/** Report of one run, as recorded in `.ktx/db.sqlite`. */
export interface KtxRunReport {
  runId: string;
  connectionId: string;
  /** For example `live-database`. */
  source: string;
  status: 'running' | 'done' | 'failed';
  dryRun: boolean;
  syncId: string;
  /** ISO 8601. */
  startedAt: string;
  finishedAt: string | null;
  diffSummary: KtxDiffSummary;
  /** Names of the entities that changed; unchanged ones are only counted. */
  changes: { added: string[]; modified: string[]; deleted: string[] };
  /** For changed entities whose names are hashes, by name: a readable description, such as calls and text of a statement. */
  descriptions?: Record<string, string>;
  /** Units of work that follow from the changes. */
  workUnits: { key: string; entities: string[] }[];
  warnings: string[];
  /** Why the run failed. */
  error: string | null;
  /** The host's id of the run, and its trigger, where the host passed them. */
  jobId?: string;
  trigger?: string;
}

/** Result of {@link runLocalScan}. */
export interface LocalScanRunResult {
  runId: string;
  status: 'done';
  done: true;
  connectionId: string;
  mode: 'structural';
  dryRun: boolean;
  syncId: string;
  report: KtxRunReport;
}

/** Pulls the schema of a connection into the project and records what changed since the last scan. */
export function runLocalScan(
  options: Omit<KtxConnectionOptions, 'projectDir'> & {
    /** A loaded project, or its folder. */
    project?: Pick<KtxProject, 'projectDir'>;
    projectDir?: string;
    /** Where they are given, the options of the live-database adapter decide the route to the daemon. */
    adapters?: readonly KtxLocalIngestAdapter[];
    dryRun?: boolean;
    onProgress?: (progress: KtxRunProgress) => void;
  },
): Promise<LocalScanRunResult>;

/** An adapter of local ingest, as {@link createLocalIngestAdapters} makes it. */
export interface KtxLocalIngestAdapter {
  source: 'live-database' | 'looker' | 'historic-sql';
  skillNames: string[];
  /** The options object that it was created with, by identity. */
  options: KtxLocalIngestRoutingOptions & KtxLocalIngestAdapterOptions;
}

/**
 * Every adapter, with the options that decide its route to the daemon. Nothing is read, connected or started. A run checks
 * that `ingest.adapters` of `ktx.yaml` allows its adapter; without that list, all are allowed.
 */
export function createLocalIngestAdapters(
  project: Pick<KtxProject, 'projectDir'>,
  options?: KtxLocalIngestRoutingOptions & KtxLocalIngestAdapterOptions,
): KtxLocalIngestAdapter[];

/**
 * Options of {@link runLocalIngest}; the routing options themselves count where neither of the two below is given. The
 * adapter `historic-sql` reads the database on the route of {@link databaseIntrospectionRoute}, and analyses its
 * statements on that of {@link sqlAnalysisRoute}; where both are the managed daemon, it is one.
 */
export interface RunLocalIngestOptions extends KtxLocalIngestRoutingOptions, KtxTrustOptions {
  /** A loaded project, or its folder; `ktx.yaml` is read again. */
  project?: Pick<KtxProject, 'projectDir'>;
  projectDir?: string;
  connectionId: string;
  /** Name of the adapter. */
  adapter: string;
  /** Decide the route to the daemon; default: the options of the adapter. */
  pullConfigOptions?: KtxLocalIngestRoutingOptions & KtxLocalIngestAdapterOptions;
  adapters?: readonly KtxLocalIngestAdapter[];
  /**
   * A folder that was staged before, in the layout of `raw-sources/<connection>/<source>/`, from which the entities are
   * read in place of the source: there is no request, and no secret is needed.
   */
  sourceDir?: string | undefined;
  /** Compare and report; stage nothing. */
  dryRun?: boolean;
  /** The host's id of the run, and its trigger; both are recorded. */
  jobId?: string;
  trigger?: string;
  onProgress?: (progress: KtxRunProgress) => void;
  signal?: AbortSignal;
}

/** Result of {@link runLocalIngest}. */
export interface LocalIngestRunResult {
  runId: string;
  jobId: string | null;
  status: 'done';
  done: true;
  connectionId: string;
  adapter: string;
  sourceDir?: string;
  dryRun: boolean;
  syncId: string;
  report: KtxRunReport;
}

/** Pulls a source into the project and records what changed since the last sync. */
export function runLocalIngest(options: RunLocalIngestOptions): Promise<LocalIngestRunResult>;

/** The recorded runs, newest first. */
export function listKtxRuns(options: { projectDir: string; source?: string; limit?: number }): Promise<KtxRunReport[]>;

/** One recorded run; rejects with `KTX_RUN_UNKNOWN`. */
export function readKtxRun(options: { projectDir: string; runId: string }): Promise<KtxRunReport>;

// ------------------------------------------------------------------------------------ the semantic layer

/** A column; `expr` is SQL over the source's own columns, by default the column of that name. */
export interface KtxSemanticColumn {
  name: string;
  type: 'string' | 'number' | 'time' | 'boolean';
  expr?: string | undefined;
  /** Used by queries too (`public`, the default), or by expressions and joins of the model only. */
  visibility?: 'public' | 'internal' | 'hidden' | undefined;
  description?: string | undefined;
}

/** A join to another source. */
export interface KtxSemanticJoin {
  /** Name of the other source. */
  to: string;
  /** `local_column = other.column`. */
  on: string;
  relationship: 'many_to_one' | 'one_to_many' | 'one_to_one';
  /** Name of the other source in this join. */
  alias?: string | undefined;
}

/** An aggregate such as `sum(amount)`, or a calculation with other measures. */
export interface KtxSemanticMeasure {
  name: string;
  expr: string;
  /** Condition of the rows that are aggregated. */
  filter?: string | undefined;
  /** Segments whose rows are aggregated. */
  segments?: string[] | undefined;
  description?: string | undefined;
}

/** A named condition over the rows of a source. */
export interface KtxSemanticSegment {
  name: string;
  expr: string;
  description?: string | undefined;
}

/** A table or a query (exactly one of both), whose rows are unique in the columns of `grain`. */
export interface KtxSemanticSource {
  name: string;
  description?: string | undefined;
  table?: string | undefined;
  sql?: string | undefined;
  grain?: string[] | undefined;
  columns?: KtxSemanticColumn[] | undefined;
  joins?: KtxSemanticJoin[] | undefined;
  measures?: KtxSemanticMeasure[] | undefined;
  segments?: KtxSemanticSegment[] | undefined;
}

/** A file of the semantic layer, in a list. */
export interface KtxSemanticSourceSummary {
  connectionId: string;
  /** Name of the source; that of the file where it cannot be read. */
  name: string;
  /** Relative to the project, with `/`. */
  path: string;
  description: string | null;
  /** Physical table; `null` for a query. */
  table: string | null;
  /** Names. */
  columns: string[];
  measures: string[];
  segments: string[];
  /** Names of the joined sources. */
  joins: string[];
  /** Why the file cannot be used. */
  error: string | null;
}

/** A file of the semantic layer. */
export interface KtxSemanticSourceFile {
  connectionId: string;
  name: string;
  /** Relative to the project, with `/`. */
  path: string;
  source: KtxSemanticSource;
  /** The file as it is. */
  text: string;
}

/** Result of {@link writeKtxSemanticSource}. */
export interface KtxSemanticSourceSaved {
  connectionId: string;
  name: string;
  /** Relative to the project, with `/`. */
  path: string;
  status: 'created' | 'replaced' | 'unchanged';
  /** Whether the source was validated before it was written; false where no daemon is available. */
  validated: boolean;
  /** Warnings of the written source, and problems that it causes in others. */
  warnings: string[];
}

/** The semantic sources of a connection, or of all; files that cannot be read are among them. */
export function listKtxSemanticSources(options: {
  projectDir: string;
  connectionId?: string;
}): Promise<KtxSemanticSourceSummary[]>;

/** One semantic source by its name; rejects with `KTX_SEMANTIC_UNKNOWN`. */
export function readKtxSemanticSource(options: {
  projectDir: string;
  connectionId: string;
  name: string;
}): Promise<KtxSemanticSourceFile>;

/** Options that reach the semantic layer of the daemon, by default on the route of introspection. */
export interface KtxSemanticOptions extends KtxConnectionOptions {
  /** Base URL of a daemon for planning alone; takes precedence over every other route. */
  semanticComputeUrl?: string;
}

/**
 * Writes a semantic source to the file that has its name, or to a new one. With an option that reaches a daemon, an
 * invalid source rejects with `KTX_SEMANTIC_INVALID` and is not written. A join to a missing source is a warning.
 */
export function writeKtxSemanticSource(
  options: KtxSemanticOptions & { source: KtxSemanticSource },
): Promise<KtxSemanticSourceSaved>;

/** Result of generation for one source. */
export interface KtxGeneratedSemanticSource {
  name: string;
  /** Relative to the project, with `/`. */
  path: string;
  /**
   * Files without edits are `created`, `updated`, `unchanged` or, without their table, `removed`. Edited files are
   * `extended` with new columns and joins, `kept`, `orphaned` without their table, or `blocked` where an addition is
   * impossible. A `deleted` file stays deleted.
   */
  action: 'created' | 'updated' | 'unchanged' | 'extended' | 'kept' | 'deleted' | 'removed' | 'orphaned' | 'blocked';
  /** Names of the columns that were added to an edited file. */
  addedColumns: string[];
  /** Conditions of the joins that were added to an edited file. */
  addedJoins: string[];
  /** Columns of an edited file that the table no longer has. */
  removedColumns: string[];
  /** What to do by hand. */
  note: string | null;
}

/** Result of {@link generateKtxSemanticSources}. */
export interface KtxSemanticGeneration {
  connectionId: string;
  /** The scan from which the sources were generated. */
  syncId: string;
  sources: KtxGeneratedSemanticSource[];
  /** Parts of the scan that could not be used, and your own files that refer to missing sources. */
  warnings: string[];
}

/** Generates sources from the newest successful scan; edits by hand are kept. Rejects with `KTX_SCAN_MISSING`. */
export function generateKtxSemanticSources(options: KtxSemanticOptions): Promise<KtxSemanticGeneration>;

/** Every problem of the sources of a connection. */
export interface KtxSemanticValidation {
  connectionId: string;
  /** Names of the validated sources. */
  sources: string[];
  /** Whether there are no errors. */
  valid: boolean;
  errors: string[];
  warnings: string[];
  perSourceWarnings: Record<string, string[]>;
}

/**
 * Validates the named sources, or all of the connection, also against the newest scan where there is one.
 */
export function validateKtxSemanticSources(
  options: KtxSemanticOptions & { names?: string[] },
): Promise<KtxSemanticValidation>;

/** A question to the semantic layer: measures by dimensions, under filters and segments. */
export interface KtxSemanticQuery {
  /** `orders.revenue`, `sum(orders.amount)`, or an expression with a name of its own. */
  measures?: (string | { expr: string; name: string })[] | undefined;
  /** `customers.segment`, or a time column cut to `minute` … `year`. */
  dimensions?: (string | { field: string; granularity?: string | undefined })[] | undefined;
  filters?: string[] | undefined;
  segments?: string[] | undefined;
  /** `orders.revenue:desc`, or the same in two parts. */
  order_by?: (string | { field: string; direction?: 'asc' | 'desc' | undefined })[] | undefined;
  /** Maximum rows; default 1000. */
  limit?: number | null | undefined;
  /**
   * `true` also lists the values of a dimension that no fact has; `false` leaves out facts that have no value for it.
   * Absent: all facts, and no values without any.
   */
  include_empty?: boolean | undefined;
}

/** What a time column is cut to the beginning of. */
export type KtxSemanticGranularity = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

/** A column of the answer to a semantic query. */
export interface KtxSemanticResultColumn {
  /** As the query says it: `customers.segment`, or the name that it gives to a measure. */
  name: string;
  /** Its name in the SQL, and among the columns of the rows. */
  alias: string;
  /** A measure of a source, one that the query made up, or a dimension. */
  provenance: 'verified' | 'composed' | 'dimension';
  expr: string;
  description?: string | null;
  granularity?: KtxSemanticGranularity | null;
}

/** The measures that are aggregated over the rows of one source. */
export interface KtxSemanticMeasureGroup {
  source: string;
  /** As the query says them. */
  measures: string[];
  /** Steps from the source to those that it is grouped and filtered by: `orders → customers`. */
  joins: string[];
  /** Whether a step multiplies its rows, so that they are made distinct in each group before they are aggregated. */
  deduplicated: boolean;
}

/** How the numbers of an answer are computed. */
export interface KtxSemanticPlan {
  /** Names of the sources that are read. */
  sources_used: string[];
  /** Steps that are joined: `orders → customers`. */
  join_paths: string[];
  /** Whether one join of everything would have counted rows several times. */
  has_fan_out: boolean;
  measure_groups: KtxSemanticMeasureGroup[];
  /** Filters and segments over rows. */
  where_filters: string[];
  /** Filters over measures. */
  having_filters: string[];
  columns: KtxSemanticResultColumn[];
  /** Sentences: which rows count in several groups, where a difference is NULL, what a limit may cut. */
  warnings: string[];
  /** The one of `warnings` that is about the limit. */
  limit_warning?: string;
}

/** Rows of a query. */
export interface KtxSqlResult {
  connectionId: string;
  /** `type` is the database's own spelling; `null` where it has none. */
  columns: { name: string; type: string | null }[];
  /**
   * Numbers are numbers as long as a double keeps all their digits, and strings of their digits beyond that. Dates and
   * times are ISO 8601, bytes are hexadecimal digits, NaN and the infinities are `'NaN'`, `'Infinity'`, `'-Infinity'`.
   * `docs/values.md` has every type of every database.
   */
  rows: unknown[][];
  rowCount: number;
  /** Whether the query has more rows. */
  truncated: boolean;
  /** The limit that was reached: the limit of the semantic query, the maximum rows or the maximum bytes of an answer. */
  truncatedBy?: 'limit' | 'rows' | 'bytes';
}

/** The answer to a semantic query. */
export interface KtxSemanticQueryResult {
  connectionId: string;
  sql: string;
  /** sqlglot's name of it. */
  dialect: string;
  columns: KtxSemanticResultColumn[];
  /** How the numbers are computed. */
  plan: KtxSemanticPlan;
  /** Rows, with `execute`. */
  result?: KtxSqlResult;
}

/**
 * Plans a query over the sources of a connection; with `execute` it is run as well, read-only, and at most `maxRows`
 * rows (default: the limit of the query) and `maxBytes` bytes (default 64 MiB) come back. Rejects with `KTX_SEMANTIC_INVALID` where the query or a source makes no sense.
 */
export function runKtxSemanticQuery(
  options: KtxSemanticOptions & { query: KtxSemanticQuery; execute?: boolean; maxRows?: number; maxBytes?: number },
): Promise<KtxSemanticQueryResult>;

/**
 * Runs one query on the database of a connection, read-only; at most `maxRows` rows (default 1000) and `maxBytes` bytes
 * (default 64 MiB) come back. Rejects with `KTX_QUERY_FAILED` where the statement does more than read, or the database refuses it.
 */
export function executeKtxSql(
  options: KtxConnectionOptions & { sql: string; maxRows?: number; maxBytes?: number },
): Promise<KtxSqlResult>;

// ----------------------------------------------------------------------------------------------- aliases

// Names under which hosts import the shapes above.

export type {
  InstalledRuntimeManifest as InstalledKtxRuntimeManifest,
  InstallManagedPythonRuntimeOptions as ManagedPythonRuntimeInstallOptions,
  InstallManagedPythonRuntimeResult as ManagedPythonRuntimeInstallResult,
  KtxLocalIngestAdapterOptions as KtxCliLocalIngestAdaptersOptions,
  ManagedPythonRuntimeCheck as ManagedPythonRuntimeDoctorCheck,
  PruneManagedPythonRuntimesResult as ManagedPythonRuntimePruneResult,
  RuntimeAssetManifest as KtxRuntimeAssetManifest,
  RuntimeExec as ManagedPythonRuntimeExec,
};
