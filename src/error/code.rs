//! Stable codes of errors.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident => $text:literal,)*) => {
        /// Stable codes of errors; `docs/errors.md` and `index.d.ts` list the same ones.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in alphabetical order.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as hosts see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }
        }
    };
}

codes! {
    /// The adapter is not listed in the project's `ingest.adapters`.
    AdapterDisabled => "KTX_ADAPTER_DISABLED",
    /// There is no adapter of that name.
    AdapterUnknown => "KTX_ADAPTER_UNKNOWN",
    /// An argument has the wrong type or an impossible value.
    ArgumentInvalid => "KTX_ARGUMENT_INVALID",
    /// A bundled file, or the wheel of uv, does not have the size or SHA-256 that it is pinned to.
    AssetChecksum => "KTX_ASSET_CHECKSUM",
    /// The manifest of the bundled wheel cannot be understood.
    AssetInvalid => "KTX_ASSET_INVALID",
    /// The bundled wheel, its lock or its manifest is not there.
    AssetMissing => "KTX_ASSET_MISSING",
    /// The manifest of the bundled wheel has a newer schema.
    AssetNewer => "KTX_ASSET_NEWER",
    /// The manifest names a file outside its own folder.
    AssetUnsafe => "KTX_ASSET_UNSAFE",
    /// A connection of the project could not be read.
    ConnectionFailed => "KTX_CONNECTION_FAILED",
    /// A connection of the project lacks what the command needs.
    ConnectionInvalid => "KTX_CONNECTION_INVALID",
    /// The project has no connection of that name.
    ConnectionUnknown => "KTX_CONNECTION_UNKNOWN",
    /// The daemon belongs to another container or machine that shares the runtime root.
    DaemonElsewhere => "KTX_DAEMON_ELSEWHERE",
    /// The daemon could not be started.
    DaemonStartFailed => "KTX_DAEMON_START_FAILED",
    /// The daemon is still there after everything was tried.
    DaemonStopFailed => "KTX_DAEMON_STOP_FAILED",
    /// An environment variable has an impossible value.
    EnvInvalid => "KTX_ENV_INVALID",
    /// A file or folder could not be read or written.
    FileIo => "KTX_FILE_IO",
    /// An answer lacks a field or has one of the wrong type.
    HttpAnswerInvalid => "KTX_HTTP_ANSWER_INVALID",
    /// The connection was refused.
    HttpConnect => "KTX_HTTP_CONNECT",
    /// The connection broke before the answer began.
    HttpLost => "KTX_HTTP_LOST",
    /// The body of an answer is not a JSON object.
    HttpNotObject => "KTX_HTTP_NOT_OBJECT",
    /// The answer has a status outside 200 to 299.
    HttpStatus => "KTX_HTTP_STATUS",
    /// No connection or no complete answer within the limit.
    HttpTimeout => "KTX_HTTP_TIMEOUT",
    /// The answer is larger than the limit.
    HttpTooLarge => "KTX_HTTP_TOO_LARGE",
    /// The connection ended in the middle of the answer.
    HttpTruncated => "KTX_HTTP_TRUNCATED",
    /// A base URL is not an `http:` or `https:` URL.
    HttpUrlInvalid => "KTX_HTTP_URL_INVALID",
    /// A defect of this package.
    Internal => "KTX_INTERNAL",
    /// The operating system gives this process too few files, processes or threads.
    LimitReached => "KTX_LIMIT_REACHED",
    /// Another process holds a lock for longer than the limit.
    LockTimeout => "KTX_LOCK_TIMEOUT",
    /// There is a project in the folder already.
    ProjectExists => "KTX_PROJECT_EXISTS",
    /// `ktx.yaml` cannot be understood.
    ProjectInvalid => "KTX_PROJECT_INVALID",
    /// There is no `ktx.yaml` in the folder or above it.
    ProjectMissing => "KTX_PROJECT_MISSING",
    /// A file or folder of the project is a link that leads out of it, or is none that may be used.
    ProjectUnsafe => "KTX_PROJECT_UNSAFE",
    /// The project was not made here, and is not trusted with the references that leave it.
    ProjectUntrusted => "KTX_PROJECT_UNTRUSTED",
    /// A query on a database was refused or failed.
    QueryFailed => "KTX_QUERY_FAILED",
    /// The user declined the installation.
    RuntimeCancelled => "KTX_RUNTIME_CANCELLED",
    /// Neither uv nor a suitable Python was found, and there is no uv for the platform.
    RuntimeInstallerMissing => "KTX_RUNTIME_INSTALLER_MISSING",
    /// The installer failed; the message quotes it.
    RuntimeInstallFailed => "KTX_RUNTIME_INSTALL_FAILED",
    /// `--yes` and `--no-input` were given together.
    RuntimePolicy => "KTX_RUNTIME_POLICY",
    /// The runtime is needed and must not be installed.
    RuntimeRequired => "KTX_RUNTIME_REQUIRED",
    /// The runtime belongs to another user, or others may write it.
    RuntimeUnsafe => "KTX_RUNTIME_UNSAFE",
    /// Another run of the same connection and source is going on.
    RunBusy => "KTX_RUN_BUSY",
    /// The project has no run of that id.
    RunUnknown => "KTX_RUN_UNKNOWN",
    /// The connection has not been scanned, or its scan cannot be read.
    ScanMissing => "KTX_SCAN_MISSING",
    /// A secret reference leads nowhere.
    SecretMissing => "KTX_SECRET_MISSING",
    /// A semantic source, or a question to the semantic layer, makes no sense.
    SemanticInvalid => "KTX_SEMANTIC_INVALID",
    /// There is no semantic source of that name.
    SemanticUnknown => "KTX_SEMANTIC_UNKNOWN",
    /// A folder to ingest from is not there, or holds what must not be read.
    SourceDirInvalid => "KTX_SOURCE_DIR_INVALID",
    /// A source refuses the credentials, or lacks a permission or an extension; the message says what to grant.
    SourceForbidden => "KTX_SOURCE_FORBIDDEN",
    /// The project's database could not be read or written.
    StoreFailed => "KTX_STORE_FAILED",
}
