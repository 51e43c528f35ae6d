//! Links the addon the way Node expects it; nothing to do for the core alone.

fn main() {
    #[cfg(feature = "node")]
    napi_build::setup();
}
