//! Settings files of the user (`pip.conf`, `uv.toml`). Only settings about sources of packages and the network are
//! passed to the installer. All others are meant for the user's own environments and would change the installation:
//! target folders (`target`, `prefix`, `user`), versions (`constraint`, `exclude-newer`), builds.

pub(super) mod pip;
pub(super) mod uv;
