//! The MCP server of a project in the background, with the lifecycle of the daemon: its folder and token, the host that
//! starts it, the part of the started process, and its local page.

mod folder;
mod host;
mod joined;
mod page;
mod token;
mod variables;

pub use folder::layout_of;
pub use host::{Program, ServerHost};
pub use joined::{Joined, join, report_ready};
pub use page::page_url;
pub use token::{Token, ensure_token};
