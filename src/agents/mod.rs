//! Connects the clients of agents: writes the MCP server, a skill and rules into the files that each client reads,
//! records what was written in a manifest, and undoes it. Everything here blocks.

mod change;
mod client;
mod document;
mod install;
mod json;
mod list;
mod location;
mod manifest;
mod place;
mod plan;
mod remove;
mod request;
mod server;
mod texts;
mod toml_file;

pub use client::Client;
pub use install::{FileChange, FileStatus, Installed, install, workspace_of};
pub use list::{ClientStatus, Installation, list};
pub use location::{Folders, Scope};
pub use remove::{Removed, remove};
pub use request::Request;
pub use server::{DEFAULT_SERVER_NAME, Server};
