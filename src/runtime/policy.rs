//! The install policy: whether a missing runtime may be installed.

use super::feature::Feature;
use crate::error::{Code, Error, Result};

/// Action if the runtime is required and missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallPolicy {
    /// Ask for confirmation; fail if that is not possible.
    Prompt,
    /// Install without asking.
    Auto,
    /// Fail.
    Never,
}

impl InstallPolicy {
    /// The policy of the flags `--yes` and `--no-input` (which sets `input` to false).
    ///
    /// Errors: [`Code::RuntimePolicy`] if both are set.
    pub fn from_flags(yes: bool, input: bool) -> Result<Self> {
        match (yes, input) {
            (true, true) => Ok(Self::Auto),
            (false, false) => Ok(Self::Never),
            (false, true) => Ok(Self::Prompt),
            (true, false) => {
                Err(Error::new(Code::RuntimePolicy, "Choose only one runtime install mode: --yes or --no-input"))
            }
        }
    }

    /// The name in options.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Auto => "auto",
            Self::Never => "never",
        }
    }

    /// Parses a name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Prompt, Self::Auto, Self::Never].into_iter().find(|policy| policy.as_str() == name)
    }
}

/// The command that installs a feature.
pub fn install_command(feature: Feature) -> String {
    match feature {
        Feature::Core => "ktx runtime install --yes".into(),
        other => format!("ktx runtime install --feature {} --yes", other.as_str()),
    }
}
