//! Assertions for tests of file edits.

/// Asserts that `after` has every line of `before`, in the same order. At most `max_changed` lines may differ: lines
/// with an empty value or with brackets, and these keep their comments.
pub(crate) fn assert_preserved(before: &str, after: &str, max_changed: usize) {
    let mut rest = after.lines();
    let mut changed = Vec::new();
    for line in before.lines() {
        let mut ahead = rest.clone();
        match ahead.any(|other| other == line) {
            true => rest = ahead,
            false => changed.push(line),
        }
    }
    assert!(changed.len() <= max_changed, "{changed:?} of {before:?}\n{after}");
    for line in changed {
        let comment = line.split_once(" #").map_or("", |(_, comment)| comment);
        let may_change = line.contains(['{', '[', '~', '}', ']']) && after.contains(comment);
        assert!(may_change, "{line:?} of {before:?}\n{after}");
    }
    if before.contains("\r\n") {
        assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
    }
}
