//! The folder of the server of a project, below the runtime root.

use crate::{
    digest::sha256,
    error::{Error, Result},
    runtime::Layout,
};
use std::path::Path;

/// Hexadecimal digits of the hash of a project's path: enough for no two projects of a user to have the same.
const NAME_DIGITS: usize = 24;

/// The layout of the server of a project: that of the runtime, with the folder, state and log of the server. Every
/// version of the command line uses the same folder, so that a project has one server. Blocks.
///
/// Errors: [`crate::error::Code::FileIo`] if the project's folder does not exist.
pub fn layout_of(runtime: &Layout, project_dir: &Path) -> Result<Layout> {
    let real = std::fs::canonicalize(project_dir).map_err(|error| Error::io("open", project_dir, error))?;
    let name = &sha256(real.as_os_str().as_encoded_bytes())[..NAME_DIGITS];
    let folder = runtime.runtime_root.join("mcp").join(name);
    let log = folder.join("server.log");
    Ok(Layout {
        daemon_state_path: folder.join("server.json"),
        daemon_stdout_path: log.clone(),
        daemon_stderr_path: log,
        version_dir: folder,
        ..runtime.clone()
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::runtime::{LayoutOptions, Platform};

    pub(in super::super) fn runtime_below(root: &Path) -> Layout {
        Layout::new(LayoutOptions {
            cli_version: "1.0.0".into(),
            platform: Platform::CURRENT,
            env: std::iter::empty().collect(),
            home_dir: Some(root.to_owned()),
            runtime_root: Some(root.to_owned()),
            asset_dir: root.to_owned(),
        })
        .unwrap()
    }

    #[test]
    fn projects_have_folders_of_their_own_by_any_path() {
        let root = tempfile::tempdir().unwrap();
        let runtime = runtime_below(root.path());
        for name in ["one", "two"] {
            std::fs::create_dir(root.path().join(name)).unwrap();
        }
        let folder_of = |path: &str| layout_of(&runtime, &root.path().join(path)).unwrap().version_dir;
        assert_eq!(folder_of("one"), folder_of("two/../one"));
        assert_ne!(folder_of("one"), folder_of("two"));
        assert!(layout_of(&runtime, &root.path().join("none")).is_err());
    }
}
