//! The drivers for hosts.

use super::{DRIVERS, Driver, DriverKind, Part, PartKind};
use crate::runtime::Feature;
use serde::Serialize;

/// View of a driver for hosts (`KtxDriver`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriverView {
    driver: &'static str,
    aliases: &'static [&'static str],
    title: &'static str,
    kind: DriverKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_port: Option<u16>,
    /// Feature of the runtime that it needs in addition to the core.
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<Feature>,
    parts: Vec<PartView>,
}

/// View of a part for hosts (`KtxDriverPart`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PartView {
    key: &'static str,
    kind: &'static str,
    required: bool,
    usual: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<&'static [&'static str]>,
}

/// Describes every driver, in the order of lists.
pub fn describe() -> Vec<DriverView> {
    let driver = |driver: &Driver| DriverView {
        driver: driver.name,
        aliases: driver.aliases,
        title: driver.title,
        kind: driver.kind,
        default_port: driver.default_port,
        feature: Feature::for_driver(driver.name),
        parts: driver.parts.iter().map(describe_part).collect(),
    };
    DRIVERS.iter().map(driver).collect()
}

fn describe_part(part: &Part) -> PartView {
    let (kind, choices) = match part.kind {
        PartKind::Text => ("text", None),
        PartKind::Number => ("number", None),
        PartKind::Secret => ("secret", None),
        PartKind::File | PartKind::CredentialFile => ("file", None),
        PartKind::Flag => ("flag", None),
        PartKind::Choice(choices) => ("choice", Some(choices)),
    };
    PartView { key: part.key, kind, required: part.required, usual: part.is_usual, choices }
}
