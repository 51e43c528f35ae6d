//! Memory of parsing a `ktx.yaml`. This file has one test only, since it measures the peak memory of its process.

#![allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

use ktx::{error::Code, project};
use std::fs;

/// Returns the peak memory of the process, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Regression: each alias copied its text, so that a file of 1.2 MB took 19.7 GB.
#[test]
fn aliases_of_a_long_text_are_rejected_before_expansion() {
    let dir = tempfile::tempdir().unwrap();
    let (long, aliases) = ("x".repeat(200_000), "*long, ".repeat(10_000));
    for list in [
        format!("connections: {{ w: {{ driver: x, schemas: [{aliases}] }} }}"),
        format!("ignored: [{aliases}]"),
        format!("ignored: [{}]", "{ <<: *keys }, ".repeat(10_000)),
    ] {
        fs::write(dir.path().join("ktx.yaml"), format!("a: &long {long}\nb: &keys {{ c: *long }}\n{list}\n")).unwrap();
        let error = project::load(dir.path()).unwrap_err();
        assert_eq!(error.code(), Code::ProjectInvalid);
        let reason = "the document is too large: more than 16 MiB of text, with every alias expanded";
        assert!(error.to_string().starts_with("ktx.yaml:3:") && error.to_string().ends_with(reason), "{error}");
    }
    #[cfg(target_os = "linux")]
    assert!(peak_memory() < 128 << 20, "{} bytes", peak_memory());
}
