//! Whether the runtime may be installed when it is missing.

use super::feature::Feature;
use crate::error::{Code, Error, Result};

/// What to do when the runtime is needed and missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstallPolicy {
    /// Ask; where no question can be asked, the answer is no.
    Prompt,
    /// Install.
    Auto,
    /// Refuse.
    Never,
}

impl InstallPolicy {
    /// The policy of the flags `--yes` and `--no-input` (`input` is then false).
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

    /// The name that hosts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Auto => "auto",
            Self::Never => "never",
        }
    }

    /// The policy of that name.
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
