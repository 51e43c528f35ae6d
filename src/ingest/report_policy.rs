//! The data policy of today on the report of an earlier run.

use super::{changes::Change, report::RunReport};
use crate::{
    error::{Code, Result},
    project::{self, Project, policy::Policy},
};
use std::path::Path;

/// Replaces the reason why a table has no profile, which may have values.
const NO_REASON: &str = "The reason is left out, as the data policy denies or masks columns of the table";

/// Removes what the data policies of today deny or mask from the reports of a project, each by the policy of its
/// connection in the environment of its run. There is no policy without `ktx.yaml`, nor for a connection or an
/// environment that it no longer has.
///
/// Errors: those of [`project::load`], and of [`Project::policy`].
pub fn apply_policies(project_dir: &Path, reports: &mut [RunReport]) -> Result<()> {
    if reports.is_empty() {
        return Ok(());
    }
    match project::load(project_dir) {
        Ok(project) => reports.iter_mut().try_for_each(|report| apply_policy(&project, report)),
        Err(error) if error.code() == Code::ProjectMissing => Ok(()),
        Err(error) => Err(error),
    }
}

fn apply_policy(project: &Project, report: &mut RunReport) -> Result<()> {
    let selected = project.clone().in_environment(report.environment.as_deref());
    let project = selected.as_ref().unwrap_or(project);
    if project.connections.contains_key(&report.connection_id) {
        let policy = project.policy(&report.connection_id)?;
        if policy.denies() || policy.masks() {
            remove_hidden(report, &policy);
        }
    }
    Ok(())
}

fn remove_hidden(report: &mut RunReport, policy: &Policy) {
    let is_allowed = |name: &String| !policy.denies_reference(name);
    for names in [&mut report.changes.added, &mut report.changes.modified, &mut report.changes.deleted] {
        names.retain(is_allowed);
    }
    for unit in &mut report.work_units {
        unit.entities.retain(is_allowed);
    }
    report.work_units.retain(|unit| !unit.entities.is_empty());
    report.descriptions.retain(|_, text| !policy.hides_text(text));
    report.details.retain(|table, _| is_allowed(table));
    for (table, changes) in &mut report.details {
        changes.retain(|change| !is_hidden(change, table, policy));
        for change in changes {
            change.affects.retain(|text| !policy.denies_part(text));
        }
    }
    report.details.retain(|_, changes| !changes.is_empty());
    report.profile_changes.retain(|change| {
        is_allowed(&change.table) && !policy.hides_values(&change.table, std::iter::once(change.column.as_str()))
    });
    // These have what is in ktx.yaml only.
    let unused = policy.unused_warnings(|_| true, |_| true);
    report.warnings.retain(|text| unused.contains(text) || !policy.hides_text(text));
    if let Some(profile) = &mut report.profile {
        for tables in [&mut profile.unread, &mut profile.skipped] {
            tables.retain(|table| is_allowed(&table.table));
            for table in tables.iter_mut().filter(|table| policy.restricts_reference(&table.table)) {
                NO_REASON.clone_into(&mut table.reason);
            }
        }
    }
}

/// Whether a change names a column that is denied or masked, or has a text that does.
fn is_hidden(change: &Change, table: &str, policy: &Policy) -> bool {
    let texts = [change.name.as_deref(), change.before.as_deref(), change.after.as_deref(), Some(change.text.as_str())];
    let mut texts = texts.into_iter().flatten();
    policy.hides_values(table, texts.clone()) || texts.any(|text| policy.hides_text(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{
        changes::{ChangeKind, ChangedObject},
        profile::ProfileChange,
    };

    #[test]
    fn report_of_an_earlier_run_obeys_the_policy_of_today() {
        let text = "connections: { w: { driver: x, policy: { deny: { tables: [salaries], columns: [emp.tier] }, mask: [emp.code] } } }";
        let project = Project::parsed("/p".as_ref(), text);
        let mut report = RunReport::begin("w", "live-database", false);
        report.changes.modified = ["main.emp", "main.salaries"].map(str::to_owned).into();
        report.profile_changes = [("emp", "tier"), ("emp", "code"), ("salaries", "kind"), ("emp", "id")]
            .map(|(table, column)| ProfileChange {
                table: format!("main.{table}"),
                column: column.into(),
                text: format!("new value \"LEAK {table} {column}\""),
            })
            .into();
        let change = |name: &str, before: &str| {
            Change::of_object(ChangeKind::Changed, ChangedObject::Column, Some(name), name).with_values(
                "default",
                Some(before),
                Some("LEAK"),
            )
        };
        let check = change("other", "code <> 'LEAK'");
        report.details = [("main.emp".to_owned(), vec![change("tier", "x"), change("id", "1"), check])].into();
        report.details.insert("main.salaries".into(), vec![change("kind", "x")]);
        let kept = ["One table is locked", "The pattern 'emp.code' of policy.mask matches no column of this scan"];
        report.warnings = ["The column emp.tier is odd"].into_iter().chain(kept).map(str::to_owned).collect();
        apply_policy(&project, &mut report).unwrap();
        assert_eq!(report.changes.modified, ["main.emp"]);
        assert_eq!(report.profile_changes.iter().map(|change| &change.column).collect::<Vec<_>>(), ["id"]);
        assert_eq!(report.details["main.emp"].len(), 1);
        assert_eq!(report.details.len(), 1);
        assert_eq!(report.warnings, kept);
        report.connection_id = "removed".into();
        apply_policy(&project, &mut report).unwrap();
    }
}
