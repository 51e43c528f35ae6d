//! Decides about links.

use super::{
    checked::{Link, repeated_target},
    conclude_keys::probability,
    detection::{Cardinality, Evidence, Key, Relationship, Side, Signal, Status, round},
    facts::{ColumnId, Facts, Uniqueness},
    input::Answer,
    links::{Candidate, TargetKind},
    profile::LinkCount,
    propose::Proposal,
    surprise::is_series,
    verdict::{Verdict, describe, judge, refuted},
    weights::{MARGIN, NAME_OF_TABLE, PROVEN},
};
use std::collections::BTreeMap;

/// Returns all links: declared, decided and found.
pub(super) fn conclude_links(proposal: &Proposal<'_>, counts: &[LinkCount], keys: &[Key]) -> Vec<Relationship> {
    let facts = &proposal.facts;
    let (counts, checked) = counts.split_at(proposal.counted_links.len());
    let mut links = known_links(proposal, &proposal.checked_links.iter().zip(checked).collect());
    let mut verdicts: BTreeMap<&[ColumnId], Vec<(&Candidate, Verdict)>> = BTreeMap::new();
    for (candidate, count) in proposal.counted_links.iter().zip(counts) {
        let mut verdict = judge(proposal, candidate, count);
        let is_key = |key: &Key| key.status == Status::Accepted;
        if candidate.to.len() > 1 && !candidate.written.is_some() && !has_key(facts, &candidate.to, keys, is_key) {
            if verdict.status == Status::Rejected || !has_key(facts, &candidate.to, keys, Key::is_uncounted) {
                continue;
            }
            verdict.status = Status::Review;
            verdict.evidence.push(Evidence::new(Signal::Uncounted, "The key of the target was not counted", 0.0));
        }
        verdicts.entry(&candidate.from).or_default().push((candidate, verdict));
    }
    verdicts.values_mut().for_each(|of_columns| assign(facts, of_columns));
    let mut verdicts: Vec<_> = verdicts.into_values().flatten().collect();
    direct(&mut verdicts);
    verdicts.retain(|(candidate, verdict)| verdict.status != Status::Rejected || is_notable(candidate));
    links.extend(verdicts.into_iter().map(|(candidate, verdict)| relationship(facts, candidate, verdict)));
    let rejected = proposal.refuted_links.iter().map(|candidate| (candidate, refuted(candidate)));
    links.extend(rejected.map(|(candidate, verdict)| relationship(facts, candidate, verdict)));
    links
}

/// Gives columns one target: the most probable one, if it is so with a margin.
fn assign(facts: &Facts<'_>, verdicts: &mut [(&Candidate, Verdict)]) {
    verdicts.sort_by(|(_, left), (_, right)| left.status.cmp(&right.status).then(right.bits.total_cmp(&left.bits)));
    let Some((first, others)) = verdicts.split_first_mut() else { return };
    if first.1.status == Status::Rejected {
        return;
    }
    let best = (label(facts, &first.0.to), first.1.bits, first.1.status);
    let best_verdict = first.1.clone();
    let has_series = first.0.from.len() == 1 && is_series(&facts.columns[first.0.from[0]]);
    let mut rival = None;
    for (candidate, verdict) in others.iter_mut().filter(|(_, verdict)| verdict.status != Status::Rejected) {
        let is_close = best.1 - verdict.bits < MARGIN || has_series && is_close_by_name(&best_verdict, verdict);
        let is_rival = verdict.status == best.2 && is_close;
        let text = if is_rival { format!("{} is as probable", best.0) } else { format!("{} is more probable", best.0) };
        verdict.evidence.push(Evidence::new(Signal::Ambiguous, text, round(verdict.bits - best.1)));
        verdict.status = if is_rival { Status::Review } else { Status::Rejected };
        rival = rival.or(is_rival.then(|| label(facts, &candidate.to)));
    }
    if let Some(rival) = rival {
        first.1.status = Status::Review;
        first.1.evidence.push(Evidence::new(Signal::Ambiguous, format!("{rival} is as probable"), 0.0));
    }
}

/// Whether two targets of a series are equally probable but for their length: the values are contained in both.
fn is_close_by_name(best: &Verdict, other: &Verdict) -> bool {
    let of_kind = |verdict: &Verdict, kind| {
        verdict.evidence.iter().find(|evidence| evidence.kind == kind).map_or(0.0, |evidence| evidence.value)
    };
    let bits = |verdict: &Verdict| verdict.bits - of_kind(verdict, Signal::Coverage);
    let has_all = |verdict: &Verdict| of_kind(verdict, Signal::Inclusion) >= 1.0;
    has_all(best) && has_all(other) && bits(best) - bits(other) < MARGIN
}

/// Of two keys that refer to each other, the more probable direction is kept.
fn direct(verdicts: &mut [(&Candidate, Verdict)]) {
    let accepted = verdicts.iter().filter(|(_, verdict)| verdict.status == Status::Accepted);
    let bits: BTreeMap<_, _> =
        accepted.map(|(link, verdict)| ((link.from.as_slice(), link.to.as_slice()), verdict.bits)).collect();
    for (link, verdict) in verdicts.iter_mut().filter(|(_, verdict)| verdict.status == Status::Accepted) {
        let Some(reverse) = bits.get(&(link.to.as_slice(), link.from.as_slice())) else { continue };
        let is_rival = (verdict.bits - reverse).abs() < MARGIN;
        if is_rival || verdict.bits < *reverse {
            let text =
                if is_rival { "The other direction is as probable" } else { "The other direction is more probable" };
            verdict.evidence.push(Evidence::new(Signal::Ambiguous, text, verdict.bits - reverse));
            verdict.status = if is_rival { Status::Review } else { Status::Rejected };
        }
    }
}

/// Whether a rejected link is listed: people wrote it, or its name or its values speak for it.
fn is_notable(candidate: &Candidate) -> bool {
    let is_named = candidate.name.is_some_and(|name| name.bits >= NAME_OF_TABLE);
    candidate.written.is_some() || is_named || candidate.surprise >= PROVEN
}

/// Links that are declared or decided.
fn known_links(proposal: &Proposal<'_>, counts: &BTreeMap<&Link, &LinkCount>) -> Vec<Relationship> {
    let facts = &proposal.facts;
    let verdict = |signal, text: &str, is_accepted: bool, link: &Link| {
        let (status, bits) =
            if is_accepted { (Status::Accepted, f64::INFINITY) } else { (Status::Rejected, f64::NEG_INFINITY) };
        let mut evidence = vec![Evidence::new(signal, text, f64::from(u8::from(is_accepted)))];
        let count = counts.get(link).filter(|_| is_accepted);
        evidence.extend(count.into_iter().flat_map(|count| [Some(describe(count)), repeated_target(count)]).flatten());
        Verdict { status, bits, cardinality: profiled_cardinality(facts, &link.0), evidence }
    };
    let declared = proposal.declared_links.iter().map(|link| {
        let (from, to) = link;
        let candidate = Candidate::new(from.clone(), to.clone(), TargetKind::Key);
        let verdict = verdict(Signal::Declared, "It is a declared foreign key", true, link);
        Relationship { declared: true, ..relationship(facts, &candidate, verdict) }
    });
    let is_declared = |link: &(Vec<ColumnId>, Vec<ColumnId>)| proposal.declared_links.contains(link);
    let decided = proposal.decided_links.iter().filter(|(link, _)| !is_declared(link)).map(|(link, answer)| {
        let (from, to) = link;
        let candidate = Candidate::new(from.clone(), to.clone(), TargetKind::Key);
        relationship(
            facts,
            &candidate,
            verdict(Signal::Decision, "The user decided", *answer == Answer::Accepted, link),
        )
    });
    declared.chain(decided).collect()
}

/// One to one if the referencing columns are unique by their profile or their declaration.
fn profiled_cardinality(facts: &Facts<'_>, from: &[ColumnId]) -> Cardinality {
    let is_unique = match from {
        [column] => facts.columns[*column].uniqueness == Uniqueness::Exact,
        _ => false,
    };
    let primary_key = facts.primary_key(facts.columns[from[0]].table);
    let has_key = !primary_key.is_empty() && primary_key.iter().all(|column| from.contains(column));
    if is_unique || has_key { Cardinality::OneToOne } else { Cardinality::ManyToOne }
}

/// Whether the columns are an accepted key of their table.
fn has_key(facts: &Facts<'_>, columns: &[ColumnId], keys: &[Key], is_meant: impl Fn(&Key) -> bool) -> bool {
    let side = side(facts, columns);
    keys.iter().any(|key| {
        is_meant(key)
            && key.table == side.table
            && key.columns.len() == side.columns.len()
            && key.columns.iter().all(|column| side.columns.contains(column))
    })
}

fn relationship(facts: &Facts<'_>, candidate: &Candidate, verdict: Verdict) -> Relationship {
    Relationship {
        from: side(facts, &candidate.from),
        to: side(facts, &candidate.to),
        status: verdict.status,
        cardinality: verdict.cardinality,
        score: round(probability(verdict.bits)),
        declared: false,
        evidence: verdict.evidence,
    }
}

fn side(facts: &Facts<'_>, columns: &[ColumnId]) -> Side {
    Side {
        table: facts.table_of(columns[0]).label.clone(),
        columns: columns.iter().map(|id| facts.columns[*id].name.to_owned()).collect(),
    }
}

fn label(facts: &Facts<'_>, columns: &[ColumnId]) -> String {
    let side = side(facts, columns);
    format!("{}.{}", side.table, side.columns.join(", "))
}
