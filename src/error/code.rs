//! Stable codes of errors, with the default hint of each.

const CHECK_CONFIG: &str = "Correct ktx.yaml, then run the command again";
const DAEMON_LOGS: &str = "See the log of the daemon with: ktx runtime logs";
const MCP_LOGS: &str = "See the log of the server with: ktx mcp logs";
const REINSTALL_PACKAGE: &str = "Install the package again: npm install @kaelio/ktx";
const RETRY_WHEN_FREE: &str = "Wait until the other one is done, then run the command again";
const RUNTIME_DOCTOR: &str = "See what is wrong with: ktx runtime doctor";

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident => $text:literal, $hint:expr;)*) => {
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

            /// The default hint: the next step for errors without an explicit hint, one imperative sentence. `None` if
            /// it depends on the error.
            pub const fn hint(self) -> Option<&'static str> {
                match self { $(Code::$variant => $hint,)* }
            }
        }
    };
}

codes! {
    /// The adapter is not listed in the project's `ingest.adapters`.
    AdapterDisabled => "KTX_ADAPTER_DISABLED", None;
    /// There is no adapter of that name.
    AdapterUnknown => "KTX_ADAPTER_UNKNOWN", Some("Correct the name of the adapter");
    /// A file of an agent's client has an entry, or says something, that is not ours.
    AgentConflict => "KTX_AGENT_CONFLICT", None;
    /// A file of an agent's client cannot be read or changed.
    AgentFileInvalid => "KTX_AGENT_FILE_INVALID", Some("Correct the file, then run the command again");
    /// The client reads no servers in that scope.
    AgentUnsupported => "KTX_AGENT_UNSUPPORTED", None;
    /// An argument has the wrong type or an impossible value.
    ArgumentInvalid => "KTX_ARGUMENT_INVALID", None;
    /// A bundled file, or the wheel of uv, does not have the size or SHA-256 that it is pinned to.
    AssetChecksum => "KTX_ASSET_CHECKSUM", Some(REINSTALL_PACKAGE);
    /// The manifest of the bundled wheel cannot be parsed.
    AssetInvalid => "KTX_ASSET_INVALID", None;
    /// The bundled wheel, its lock file or its manifest is missing.
    AssetMissing => "KTX_ASSET_MISSING", None;
    /// The manifest of the bundled wheel has a newer schema.
    AssetNewer => "KTX_ASSET_NEWER", Some(REINSTALL_PACKAGE);
    /// The manifest names a file outside its own folder.
    AssetUnsafe => "KTX_ASSET_UNSAFE", Some(REINSTALL_PACKAGE);
    /// A connection of the project could not be read.
    ConnectionFailed => "KTX_CONNECTION_FAILED", Some("Check the connection in ktx.yaml and that its server can be reached");
    /// A connection of the project lacks what the command needs.
    ConnectionInvalid => "KTX_CONNECTION_INVALID", Some(CHECK_CONFIG);
    /// The project has no connection of that name.
    ConnectionUnknown => "KTX_CONNECTION_UNKNOWN", Some("See the connections of this project with: ktx connection list");
    /// The daemon belongs to another container or machine that shares the runtime root.
    DaemonElsewhere => "KTX_DAEMON_ELSEWHERE", None;
    /// The daemon could not be started.
    DaemonStartFailed => "KTX_DAEMON_START_FAILED", Some(DAEMON_LOGS);
    /// The daemon is still running after a shutdown request, `SIGTERM` and `SIGKILL`.
    DaemonStopFailed => "KTX_DAEMON_STOP_FAILED", Some(RUNTIME_DOCTOR);
    /// The project has no environment of that name.
    EnvironmentUnknown => "KTX_ENVIRONMENT_UNKNOWN", Some("Choose another one with --env or KTX_ENV");
    /// An environment variable has an impossible value.
    EnvInvalid => "KTX_ENV_INVALID", Some("Correct the variable or unset it, then run the command again");
    /// A file or folder could not be read or written.
    FileIo => "KTX_FILE_IO", Some("Check the permissions of that path and the space on its disk");
    /// A file of the project, or its database, has a newer format; nothing was changed.
    FormatNewer => "KTX_FORMAT_NEWER", Some("Update KTX with: npm install @kaelio/ktx@latest");
    /// The query history of a connection has not been read yet.
    HistoryMissing => "KTX_HISTORY_MISSING", None;
    /// An answer lacks a field or has one of the wrong type.
    HttpAnswerInvalid => "KTX_HTTP_ANSWER_INVALID", Some(DAEMON_LOGS);
    /// The connection was refused.
    HttpConnect => "KTX_HTTP_CONNECT", Some("Check the URL if you set one, otherwise restart the daemon with: ktx runtime start --force");
    /// The connection was lost before the answer began.
    HttpLost => "KTX_HTTP_LOST", Some("Run the command again; if it happens again, see the log of the daemon with: ktx runtime logs");
    /// The body of an answer is not a JSON object.
    HttpNotObject => "KTX_HTTP_NOT_OBJECT", Some(DAEMON_LOGS);
    /// The answer has a status outside 200 to 299.
    HttpStatus => "KTX_HTTP_STATUS", Some(DAEMON_LOGS);
    /// No connection or no complete answer within the limit.
    HttpTimeout => "KTX_HTTP_TIMEOUT", Some(DAEMON_LOGS);
    /// The answer is larger than the limit.
    HttpTooLarge => "KTX_HTTP_TOO_LARGE", Some("Narrow the connection down with schemas: […] in ktx.yaml");
    /// The connection ended in the middle of the answer.
    HttpTruncated => "KTX_HTTP_TRUNCATED", Some(DAEMON_LOGS);
    /// A base URL is not an `http:` or `https:` URL.
    HttpUrlInvalid => "KTX_HTTP_URL_INVALID", Some("Give a URL that begins with http:// or https://");
    /// A defect of this package.
    Internal => "KTX_INTERNAL", Some("Run the command again with KTX_DEBUG=1 and report what it prints");
    /// A limit of the operating system on files, processes or threads is reached.
    LimitReached => "KTX_LIMIT_REACHED", None;
    /// Another process holds a lock for longer than the limit.
    LockTimeout => "KTX_LOCK_TIMEOUT", Some(RETRY_WHEN_FREE);
    /// The project has no page of that path.
    PageUnknown => "KTX_PAGE_UNKNOWN", Some("See the pages with: ktx search WORDS --kind page");
    /// The data policy of the connection denies what a query may read.
    PolicyDenied => "KTX_POLICY_DENIED", Some("Query other tables and columns, or change the policy in ktx.yaml");
    /// There is a project in the folder already.
    ProjectExists => "KTX_PROJECT_EXISTS", Some("Use it as it is, or choose another folder");
    /// `ktx.yaml` is not valid.
    ProjectInvalid => "KTX_PROJECT_INVALID", Some(CHECK_CONFIG);
    /// There is no `ktx.yaml` in the folder or above it.
    ProjectMissing => "KTX_PROJECT_MISSING", Some("Create a project with: ktx init");
    /// A file or folder of the project is a link to the outside, or is not a regular file or folder.
    ProjectUnsafe => "KTX_PROJECT_UNSAFE", Some("Remove it from the project, or replace a link with its target");
    /// The project is not trusted, and refers to secrets or files outside of it.
    ProjectUntrusted => "KTX_PROJECT_UNTRUSTED", Some("If you trust the project, run: ktx trust DIR");
    /// A query on a database was refused or failed.
    QueryFailed => "KTX_QUERY_FAILED", Some("Correct the query, then run it again");
    /// The user declined the installation.
    RuntimeCancelled => "KTX_RUNTIME_CANCELLED", None;
    /// Neither uv nor a suitable Python was found, and there is no uv for the platform.
    RuntimeInstallerMissing => "KTX_RUNTIME_INSTALLER_MISSING", None;
    /// The installer failed; the message quotes it.
    RuntimeInstallFailed => "KTX_RUNTIME_INSTALL_FAILED", Some(RUNTIME_DOCTOR);
    /// `--yes` and `--no-input` exclude each other.
    RuntimePolicy => "KTX_RUNTIME_POLICY", Some("Leave one of them out");
    /// The runtime is required, and the install policy forbids its installation.
    RuntimeRequired => "KTX_RUNTIME_REQUIRED", None;
    /// The runtime belongs to another user, or other users can write to it.
    RuntimeUnsafe => "KTX_RUNTIME_UNSAFE", None;
    /// Another run of the same connection and source is in progress.
    RunBusy => "KTX_RUN_BUSY", Some(RETRY_WHEN_FREE);
    /// The project has no run of that id.
    RunUnknown => "KTX_RUN_UNKNOWN", Some("See the recorded runs with: ktx scan status");
    /// The connection has not been scanned, or its scan cannot be read.
    ScanMissing => "KTX_SCAN_MISSING", None;
    /// A secret reference names a variable or file that does not exist.
    SecretMissing => "KTX_SECRET_MISSING", Some("Set the variable or create the file that ktx.yaml refers to, then run the command again");
    /// A semantic source or query is not valid.
    SemanticInvalid => "KTX_SEMANTIC_INVALID", Some("Fix what the message names; list the sources with: ktx sl list, and their errors with: ktx sl validate");
    /// There is no semantic source of that name.
    SemanticUnknown => "KTX_SEMANTIC_UNKNOWN", None;
    /// The MCP server of a project could not be started in the background.
    ServerStartFailed => "KTX_SERVER_START_FAILED", Some(MCP_LOGS);
    /// The MCP server is still running after a shutdown request, `SIGTERM` and `SIGKILL`.
    ServerStopFailed => "KTX_SERVER_STOP_FAILED", Some(MCP_LOGS);
    /// A folder to ingest from is missing, or contains files that must not be read.
    SourceDirInvalid => "KTX_SOURCE_DIR_INVALID", Some("Choose a folder like those below raw-sources");
    /// A source refuses the credentials, or lacks a permission or an extension; the message says what to grant.
    SourceForbidden => "KTX_SOURCE_FORBIDDEN", None;
    /// The project's database could not be read or written.
    StoreFailed => "KTX_STORE_FAILED", Some("Check the permissions of that file and of its folder, and the space on its disk");
    /// The newest scan has no table of that name.
    TableUnknown => "KTX_TABLE_UNKNOWN", None;
}
