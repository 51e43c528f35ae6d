//! For tests: what an addition leaves as it stands.

/// Every line stays, in its order; so many may be others, those with brackets or a null, and even their comments stay.
pub(crate) fn assert_kept(before: &str, after: &str, most: usize) {
    let mut rest = after.lines();
    let mut changed = Vec::new();
    for line in before.lines() {
        let mut ahead = rest.clone();
        match ahead.any(|other| other == line) {
            true => rest = ahead,
            false => changed.push(line),
        }
    }
    assert!(changed.len() <= most, "{changed:?} of {before:?}\n{after}");
    for line in changed {
        let comment = line.split_once(" #").map_or("", |(_, comment)| comment);
        assert!(line.contains(['{', '[', '~']) && after.contains(comment), "{line:?} of {before:?}\n{after}");
    }
    if before.contains("\r\n") {
        assert_eq!(after.matches('\n').count(), after.matches("\r\n").count(), "{after:?}");
    }
}
