//! What a pull request may change at all: it adds files, at their places, for one purpose.
//!
//! These rules look at the difference of two trees, and at who signed what for whom; whether the
//! signatures are good, the judge says.

use std::collections::BTreeSet;

use index_schema::digest::Sha256Digest;
use index_schema::id::PublisherId;
use index_schema::layout::IndexPath;

use crate::finding::Finding;
use crate::submission::{Content, Submission};
use crate::tree::Kind;
use crate::tree::objects::{Change, is_portable};

/// What a pull request changes.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'p> {
    /// Every path that differs, in the order of their names.
    pub changes: &'p [Change],
    /// What the files say that it adds, as far as they can be read.
    pub added: &'p [&'p Submission],
    /// Paths of added files, with the path of something else that has the same name but for case.
    pub twins: &'p [(String, String)],
    /// Places that are taken in the base, among those that matter here.
    pub taken: &'p BTreeSet<IndexPath>,
}

/// A rule about a pull request.
pub type Rule = fn(Proposal<'_>, &mut Vec<Finding>);

/// Every rule about a pull request as a whole.
pub const PROPOSAL: &[Rule] = &[
    never_removed,
    never_changed,
    ordinary_files,
    portable_names,
    no_twins,
    one_purpose,
    one_publisher,
    nothing_repeated,
    approvals_fit,
    housekeeping_waits,
];

/// Judges a pull request as a whole.
pub fn judge(proposal: Proposal<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in PROPOSAL {
        rule(proposal, &mut findings);
    }
    findings
}

/// Tells whether a path is about keeping the repository, and never becomes part of the index.
pub fn is_housekeeping(path: &str) -> bool {
    let top = path.split('/').next().unwrap_or(path);
    let document = ["README", "LICENSE", "CONTRIBUTING", "SECURITY"];
    top.starts_with('.')
        || top == "templates"
        || (top == path && document.iter().any(|name| top.starts_with(name)))
}

/// Says that something stands where only ordinary files may.
pub fn odd(path: &str) -> Finding {
    Finding::new("shape/kind", path, "an index repository has only ordinary files here")
}

/// Says that a file was changed.
pub fn modified(path: &str) -> Finding {
    let hint = "publish a new version, or add a statement with the next serial";
    Finding::new("shape/modified", path, "a file that was accepted never changes").hinted(hint)
}

/// Says that a file is gone.
pub fn deleted(path: &str) -> Finding {
    Finding::new("shape/deleted", path, "a file that was accepted is never removed")
}

/// Files stay where they are.
fn never_removed(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    let changes = proposal.changes.iter().filter(|change| !is_housekeeping(&change.path));
    for change in changes.filter(|change| change.after.is_none()) {
        let moved = |other: &&Change| {
            let ids = (other.after.map(|(_, id)| id), change.before.map(|(_, id)| id));
            other.before.is_none() && ids.0 == ids.1
        };
        findings.push(match proposal.changes.iter().find(moved) {
            Some(other) => {
                let message =
                    format!("a file that was accepted never moves, here to `{}`", other.path);
                Finding::new("shape/renamed", change.path.as_str(), message)
            }
            None => deleted(&change.path),
        });
    }
}

/// Files keep their bytes, their kind and their mode.
fn never_changed(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    let changes = proposal.changes.iter().filter(|change| !is_housekeeping(&change.path));
    for change in changes {
        let taken = || IndexPath::parse(&change.path).is_ok_and(|p| proposal.taken.contains(&p));
        match (change.before, change.after) {
            (Some((before, old)), Some((after, new))) => {
                if old != new {
                    findings.push(modified(&change.path));
                }
                if before != after || old == new {
                    let message = "a file that was accepted keeps its mode and its kind";
                    findings.push(Finding::new("shape/mode", change.path.as_str(), message));
                }
            }
            // A tree that names a path twice shows Git another file than it shows us.
            (None, Some(_)) if taken() => findings.push(modified(&change.path)),
            (None | Some(_), None) | (None, Some(_)) => {}
        }
    }
}

/// No links or repositories anywhere, and no programs among the statements.
fn ordinary_files(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    for change in proposal.changes {
        let Some((kind, _)) = change.after else { continue };
        let is_kept = is_housekeeping(&change.path) && kind == Kind::Executable;
        let is_known = change.before.is_some_and(|(before, _)| before == kind);
        if kind != Kind::File && !is_kept && !is_known {
            findings.push(odd(&change.path));
        }
    }
}

/// Names that Git would not write everywhere, and those that pass for `.git`, are never added.
fn portable_names(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    let kept = proposal.changes.iter().filter(|change| is_housekeeping(&change.path));
    for change in kept.filter(|change| change.after.is_some()) {
        if !change.path.split('/').all(is_portable) {
            let message = "no system writes a file of this name safely";
            findings.push(Finding::new("shape/path", change.path.as_str(), message));
        }
    }
}

/// Two paths that differ in case alone are one path on many systems.
fn no_twins(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    for (path, twin) in proposal.twins {
        let message = format!("the path differs from `{twin}` in case alone");
        findings.push(Finding::new("shape/case", path.as_str(), message));
    }
}

/// What a pull request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    Publishing,
    Moderation,
    Registry,
    Trust,
    Housekeeping,
}

impl Purpose {
    fn of(proposal: Proposal<'_>, path: &str) -> Option<Self> {
        if is_housekeeping(path) {
            return Some(Self::Housekeeping);
        }
        match IndexPath::parse(path).ok()? {
            IndexPath::Registry(_) => Some(Self::Registry),
            IndexPath::Root(_) | IndexPath::Targets(_) => Some(Self::Trust),
            IndexPath::Publisher(..)
            | IndexPath::Objection(..)
            | IndexPath::Release(..)
            | IndexPath::Status(..) => Some(Self::Publishing),
            IndexPath::PublisherStatus(..) | IndexPath::Advisory(..) => Some(Self::Moderation),
            place @ IndexPath::Moderation(..) => {
                let said = proposal.added.iter().find(|submission| submission.path == place)?;
                (!accompanies(proposal, said)).then_some(Self::Moderation)
            }
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Publishing => "statements of a publisher",
            Self::Moderation => "decisions of maintainers",
            Self::Registry => "records of the registry",
            Self::Trust => "TUF metadata",
            Self::Housekeeping => "files about the repository",
        }
    }
}

/// Tells whether what maintainers say is about something that comes with it.
fn accompanies(proposal: Proposal<'_>, said: &Submission) -> bool {
    let comes = |place: &IndexPath| proposal.changes.iter().any(|c| c.path == place.to_string());
    match &said.content {
        Content::Approval(approval) => comes(&approval.document.path),
        Content::Handover(handover) => {
            let said = &handover.document;
            comes(&IndexPath::Publisher(said.publisher.clone(), said.serial))
        }
        Content::Registry(_)
        | Content::Publisher(_)
        | Content::Release(_)
        | Content::Status(_)
        | Content::Objection(_)
        | Content::PublisherStatus(_)
        | Content::Advisory(_)
        | Content::Removal(_)
        | Content::Metadata(_) => false,
    }
}

/// A pull request is for one thing.
fn one_purpose(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    let of = |change: &Change| Some((Purpose::of(proposal, &change.path)?, change.path.clone()));
    let purposes: Vec<(Purpose, String)> = proposal.changes.iter().filter_map(of).collect();
    let Some(main) = purposes.iter().map(|(purpose, _)| *purpose).min() else { return };
    for (purpose, path) in purposes.iter().filter(|(purpose, _)| *purpose != main) {
        let message =
            format!("{} do not come together with {}", purpose.in_words(), main.in_words());
        let hint = "put it into a pull request of its own";
        findings.push(Finding::new("shape/mixed", path.as_str(), message).hinted(hint));
    }
}

/// A pull request is of one publisher.
fn one_publisher(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    let of = |change: &Change| {
        let publisher = IndexPath::parse(&change.path).ok()?.publisher().cloned()?;
        Some((publisher, change.path.clone()))
    };
    let files: Vec<(PublisherId, String)> = proposal.changes.iter().filter_map(of).collect();
    let Some((first, _)) = files.first() else { return };
    for (publisher, path) in files.iter().filter(|(publisher, _)| publisher != first) {
        let message = format!("a file of `{publisher}` comes together with files of `{first}`");
        let hint = "each publisher makes pull requests of its own";
        findings
            .push(Finding::new("shape/several-publishers", path.as_str(), message).hinted(hint));
    }
}

/// A decision of maintainers is taken once, whatever month its place names.
fn nothing_repeated(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    for submission in proposal.added {
        let Some(own) = submission.path.decision() else { continue };
        let added = proposal.added.iter().map(|other| &other.path);
        let mut others = added.chain(proposal.taken).filter(|place| **place != submission.path);
        if let Some(other) = others.find(|place| place.decision() == Some(own)) {
            let message = format!("a statement with this id lies at `{other}` already");
            let path = submission.path.to_string();
            findings.push(Finding::new("shape/repeated", path, message));
        }
    }
}

/// An approval is of a file that comes with it, or after it.
fn approvals_fit(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    for submission in proposal.added {
        let Content::Approval(approval) = &submission.content else { continue };
        let said = &approval.document;
        let subject = proposal.added.iter().find(|other| other.path == said.path);
        let (code, message) = match subject {
            Some(subject) if Sha256Digest::of(subject.bytes()) == said.sha256 => continue,
            Some(_) => {
                ("approval/mismatch", format!("`{}` has another digest than it names", said.path))
            }
            None if proposal.taken.contains(&said.path) => {
                ("approval/late", format!("`{}` was accepted before it", said.path))
            }
            None => continue,
        };
        findings.push(Finding::new(code, submission.path.to_string(), message));
    }
}

/// What is about the repository itself is for maintainers to merge.
fn housekeeping_waits(proposal: Proposal<'_>, findings: &mut Vec<Finding>) {
    for change in proposal.changes.iter().filter(|change| is_housekeeping(&change.path)) {
        let message = "a file about the repository itself: no approval is needed, but a look";
        findings.push(Finding::new("shape/housekeeping", change.path.as_str(), message));
    }
}
