//! The clients that can be connected.

use serde::{Deserialize, Serialize};

/// A program in which an agent runs and that starts MCP servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// Anthropic's command line.
    ClaudeCode,
    /// Anthropic's desktop application.
    ClaudeDesktop,
    /// OpenAI's command line.
    Codex,
    /// The editor Cursor.
    Cursor,
    /// Visual Studio Code with Copilot.
    Vscode,
    /// The editor Windsurf.
    Windsurf,
    /// The command line `opencode`.
    Opencode,
    /// Google's command line.
    Gemini,
}

impl Client {
    /// Every client, in the order of lists.
    pub const ALL: [Self; 8] = [
        Self::ClaudeCode,
        Self::ClaudeDesktop,
        Self::Codex,
        Self::Cursor,
        Self::Vscode,
        Self::Windsurf,
        Self::Opencode,
        Self::Gemini,
    ];

    /// The name on the command line and in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::ClaudeDesktop => "claude-desktop",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::Vscode => "vscode",
            Self::Windsurf => "windsurf",
            Self::Opencode => "opencode",
            Self::Gemini => "gemini",
        }
    }

    /// The name of the product.
    pub fn title(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::ClaudeDesktop => "Claude Desktop",
            Self::Codex => "Codex CLI",
            Self::Cursor => "Cursor",
            Self::Vscode => "VS Code",
            Self::Windsurf => "Windsurf",
            Self::Opencode => "opencode",
            Self::Gemini => "Gemini CLI",
        }
    }

    /// The client of a name; `None` for an unknown one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.name() == name)
    }

    /// The executable that is on `PATH` where the client is installed, if it has one.
    pub fn executable(self) -> Option<&'static str> {
        match self {
            Self::ClaudeCode => Some("claude"),
            Self::ClaudeDesktop => None,
            Self::Codex => Some("codex"),
            Self::Cursor => Some("cursor"),
            Self::Vscode => Some("code"),
            Self::Windsurf => Some("windsurf"),
            Self::Opencode => Some("opencode"),
            Self::Gemini => Some("gemini"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_and_are_those_of_the_manifest() {
        for client in Client::ALL {
            assert_eq!(Client::parse(client.name()), Some(client));
            assert_eq!(serde_json::to_value(client).unwrap(), client.name());
        }
        assert_eq!(Client::parse("emacs"), None);
    }
}
