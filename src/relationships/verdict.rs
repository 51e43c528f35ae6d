//! Judges a link by its counts.

use super::{
    checked::repeated_target,
    detection::{Cardinality, Evidence, Signal, Status, round},
    facts::Facts,
    keys::is_snapshot,
    links::Candidate,
    names::Named,
    profile::LinkCount,
    propose::Proposal,
    surprise::{bits_of_value, is_code, surprise},
    type_class::TypeClass,
    versions::natural_key,
    weights::{KEY_ACCEPT, MAX_COVERAGE, MAX_SURPRISE, MIN_COVERAGE, MIN_ROWS, PROVEN, REFUTED_VALUES, TOLERATED_ROWS},
};

/// The outcome for a link.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    pub(super) status: Status,
    /// Logarithm of the odds.
    pub(super) bits: f64,
    pub(super) cardinality: Cardinality,
    pub(super) evidence: Vec<Evidence>,
}

/// Rows from which unique referencing columns that are no key are so by intent.
const MIN_ONE_TO_ONE: u64 = 20;

/// Judges a candidate by its counts.
pub(super) fn judge(proposal: &Proposal<'_>, candidate: &Candidate, count: &LinkCount) -> Verdict {
    let mut evidence = vec![describe(count)];
    evidence.extend(candidate.evidence.iter().cloned());
    let coverage = share(count.distinct, count.target_distinct);
    evidence.push(Evidence::new(Signal::Coverage, describe_coverage(count), coverage * MAX_COVERAGE));
    evidence.extend(repeated_target(count));
    let proof = counted_surprise(&proposal.facts, candidate, count);
    let mut bits = proposal.bits(candidate, coverage);
    if candidate.to.len() > 1 {
        bits += proof;
        evidence.push(Evidence::new(Signal::Surprise, "So many combinations match by accident rarely", proof));
    }
    let mut status = status(proposal, candidate, count, (bits, proof)).max(candidate.limit);
    let doubt = doubt(proposal, candidate, count).filter(|_| !candidate.written.is_some());
    if let Some(doubt) = doubt {
        evidence.push(doubt);
        status = status.max(Status::Review);
    }
    Verdict { status, bits, cardinality: cardinality(proposal, candidate, count), evidence }
}

/// Bits of values from which a few rows are no accident, as those of days among numbers of days.
const RARE: f64 = 4.0;

/// What the values of a candidate prove.
fn value_bits(candidate: &Candidate) -> f64 {
    let is_value = |evidence: &&Evidence| matches!(evidence.kind, Signal::Surprise | Signal::Range);
    candidate.evidence.iter().filter(is_value).map(|evidence| evidence.value).sum()
}

/// Returns why a link that nothing contradicts is for review only.
fn doubt(proposal: &Proposal<'_>, candidate: &Candidate, count: &LinkCount) -> Option<Evidence> {
    if (1..MIN_ROWS).contains(&count.rows) && value_bits(candidate) < RARE {
        let text = format!("{} rows refer to others by accident", count.rows);
        return Some(Evidence::new(Signal::FewRows, text, 0.0));
    }
    let natural = &proposal.facts.columns[natural_key(proposal, candidate, count)?];
    let text = format!("{} beside the target has the same values, and repeats", natural.name);
    Some(Evidence::new(Signal::Ambiguous, text, 0.0))
}

/// The verdict on a candidate whose samples do not match.
pub(super) fn refuted(candidate: &Candidate) -> Verdict {
    let (found, tested) = (candidate.overlap.found, candidate.overlap.tested);
    let text = format!("{found} of {tested} sampled values are values of the target");
    let mut evidence = vec![Evidence::new(Signal::Inclusion, text, share(found, tested))];
    evidence.extend(candidate.evidence.iter().cloned());
    Verdict { status: Status::Rejected, bits: -MAX_SURPRISE, cardinality: Cardinality::ManyToOne, evidence }
}

/// Accepted: a unique target, no unmatched rows, and names, values or people that speak for it. If the values or people
/// prove the link, few unmatched rows are tolerated.
fn status(proposal: &Proposal<'_>, candidate: &Candidate, count: &LinkCount, (bits, proof): (f64, f64)) -> Status {
    let is_proven = candidate.written.is_some() || proof >= PROVEN;
    let unmatched = share(count.unmatched_rows, count.rows);
    let is_tolerant = candidate.written.is_some() || is_proven && !has_words_only(&proposal.facts, candidate);
    let tolerated = if is_tolerant { TOLERATED_ROWS } else { 0.0 };
    let is_supported = is_proven || candidate.head.is_some() || is_named(candidate, count);
    if count.uncounted.is_some() || count.rows == 0 {
        Status::Review
    } else if count.target_distinct < count.target_rows || unmatched > REFUTED_VALUES {
        Status::Rejected
    } else if unmatched <= tolerated && bits >= proposal.weights.accept && is_supported {
        Status::Accepted
    } else if bits >= proposal.weights.review {
        Status::Review
    } else {
        Status::Rejected
    }
}

/// Whether only words speak for a link: two lists of names have many in common.
fn has_words_only(facts: &Facts<'_>, candidate: &Candidate) -> bool {
    let column = &facts.columns[candidate.from[0]];
    let has_words = column.class == TypeClass::Text && !column.profile.is_some_and(is_code);
    candidate.name.is_none() && candidate.from.len() == 1 && has_words
}

/// Whether the name decides: it says a key, or most of the target occurs, or the values speak for the link as well.
fn is_named(candidate: &Candidate, count: &LinkCount) -> bool {
    let Some(name) = candidate.name else { return false };
    let has_values = value_bits(candidate) > 0.0;
    match name.named {
        _ if candidate.to.len() > 1 => name.named == Named::Key && !name.has_role,
        Named::PartOfTable | Named::Person => has_values,
        Named::Table | Named::SameName if !name.says_key => {
            has_values || share(count.distinct, count.target_distinct) >= MIN_COVERAGE
        }
        _ => true,
    }
}

/// Measured; a unique column of a few rows that is no key becomes many to one, which is correct for both.
fn cardinality(proposal: &Proposal<'_>, candidate: &Candidate, count: &LinkCount) -> Cardinality {
    let keys = &proposal.singles[proposal.facts.columns[candidate.from[0]].table];
    let is_key = keys.first().is_some_and(|key| candidate.from == [key.column] && key.bits >= KEY_ACCEPT);
    let is_unique = count.rows > 0 && count.distinct == count.rows;
    let is_unique = is_unique && !is_snapshot(&proposal.facts, proposal.facts.columns[candidate.from[0]].table);
    if is_unique && (is_key || count.rows >= MIN_ONE_TO_ONE) { Cardinality::OneToOne } else { Cardinality::ManyToOne }
}

/// Surprise of the counted values; of a composite link, each proves the share of all combinations that the target has.
fn counted_surprise(facts: &Facts<'_>, candidate: &Candidate, count: &LinkCount) -> f64 {
    let bits = match (&candidate.from[..], &candidate.to[..]) {
        ([from], [to]) => bits_of_value(&facts.columns[*from], &facts.columns[*to]),
        (_, to) => {
            let combinations: f64 = to.iter().map(|id| facts.columns[*id].distinct().max(1) as f64).product();
            (combinations / count.target_distinct.max(1) as f64).log2().max(0.0)
        }
    };
    round(surprise(bits, count.distinct, 1.0 - share(count.unmatched_rows, count.rows)))
}

/// Describes a count, or why there is none.
pub(super) fn describe(count: &LinkCount) -> Evidence {
    if let Some(reason) = &count.uncounted {
        return Evidence::new(Signal::Uncounted, reason.trim_end_matches('.'), 0.0);
    }
    let LinkCount { rows, unmatched_rows, target_rows, target_distinct, .. } = count;
    if let Some(empty) = describe_empty(*rows, *target_rows) {
        return Evidence::new(Signal::Inclusion, empty, 0.0);
    }
    let matched = rows - unmatched_rows.min(rows);
    let uniqueness = if target_distinct == target_rows { "distinct" } else { "not distinct" };
    let text = format!("{matched} of {rows} rows refer to one of {target_rows} rows, whose values are {uniqueness}");
    Evidence::new(Signal::Inclusion, text, share(matched, *rows))
}

/// Says which side has no values; `None` if both have some.
fn describe_empty(rows: u64, target_rows: u64) -> Option<String> {
    match (rows, target_rows) {
        (0, 0) => Some("Neither side has a row with a value, so that nothing was compared".to_owned()),
        (0, _) => {
            Some(format!("No row has a value to refer to one of {target_rows} rows, so that nothing was compared"))
        }
        (_, 0) => Some(format!("{rows} rows refer to none, as the target has no row with a value")),
        _ => None,
    }
}

fn describe_coverage(count: &LinkCount) -> String {
    format!("{} of {} referenced values occur", count.distinct.min(count.target_distinct), count.target_distinct)
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64).min(1.0) }
}
