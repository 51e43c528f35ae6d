//! What of the user's own settings files reaches the installer: where packages come from, and how they are reached.
//! Everything else in `pip.conf` or `uv.toml` is for the user's own environments and would bend this one: where
//! files go (`target`, `prefix`, `user`), which versions are taken (`constraint`, `exclude-newer`), what is built.

pub(super) mod pip;
pub(super) mod uv;
