//! Errors for refusals of the daemon.

use crate::{
    error::{Code, Error},
    ingest::RunFailure,
    project::policy::Policy,
};

/// What is shown of a message that names what the data policy denies.
const NOT_SHOWN: &str = "The query cannot be answered; the reason names what the data policy denies";

/// Maps a refusal of the daemon to [`Code::PolicyDenied`] or [`Code::SemanticInvalid`], unless it is about a fault of
/// the daemon itself.
pub(crate) fn map_rejection<E: RunFailure>(error: E) -> E {
    error.map_core_error(|error| match error.into_rejection() {
        Ok((response, error)) if response.is_policy_denied() => {
            Error::new(Code::PolicyDenied, response.detail).wrapping(error)
        }
        Ok((response, error)) => Error::new(Code::SemanticInvalid, response.detail).wrapping(error),
        Err(error) => error,
    })
}

/// Maps a refusal like [`map_rejection`], without the names that it proposes where these are denied.
pub(super) fn map_query_rejection<E: RunFailure>(error: E, policy: &Policy) -> E {
    map_rejection(error).map_core_error(|error| {
        if error.code() != Code::SemanticInvalid || !policy.denies() {
            return error;
        }
        match without_denied(&error.to_string(), policy) {
            Some(message) => Error::new(Code::SemanticInvalid, message),
            None => error,
        }
    })
}

/// The clauses of a message before the first with a denied name; `None` if no clause has one.
fn without_denied(message: &str, policy: &Policy) -> Option<String> {
    let clauses: Vec<_> = message.split("; ").collect();
    let shown = clauses.iter().position(|clause| policy.denies_part(clause))?;
    Some(if shown == 0 { NOT_SHOWN.to_owned() } else { clauses[..shown].join("; ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn names_that_are_denied_are_not_proposed() {
        let text =
            "connections: { w: { driver: sqlite, policy: { deny: { tables: [salaries], columns: [emp.ssn] } } } }";
        let policy = Project::parsed("/p".as_ref(), text).policy("w").unwrap();
        let shown = |message: &str| without_denied(message, &policy);
        let unknown = "There is no source 'nope'";
        assert_eq!(shown(&format!("{unknown}; there are 'emp' and 'salaries'")), Some(unknown.to_owned()));
        assert_eq!(shown("no column 'ss'; did you mean 'emp.ssn'?"), Some("no column 'ss'".to_owned()));
        assert_eq!(shown("emp.average_ssn is not valid"), Some(NOT_SHOWN.to_owned()));
        assert_eq!(shown("no column 'x'; did you mean 'emp.id'?"), None);
    }
}
