//! What kind of failure an error is, for whoever has to act on it: exit codes, hosts, hints.
//!
//! Errors say what happened to a person. A [`Failure`] says beside that, to a program, which of a
//! few things to do about it, under a code that does not change.

use std::error::Error;

use crate::chain::ChainError;
use crate::generation::GenerationError;
use crate::home::HomeError;
use crate::resolve::ResolveError;
use crate::source::SourceError;
use crate::source::location::LocationError;
use crate::store::StoreError;
use crate::transaction::TransactionError;
use crate::tuf::TufError;
use crate::tuf::update::UpdateError;

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The wish cannot be granted, or this machine does not let us.
    Refused,
    /// The wish makes no sense as it was said.
    Usage,
    /// What was served is not what was signed.
    Untrusted,
    /// A server is away, or there is no network.
    Network,
    /// No releases fit together.
    NoSolution,
    /// The user has to agree first.
    Consent,
    /// Another process is at work.
    Locked,
    /// There is no such thing.
    NotFound,
}

/// An error that programs can act on.
pub trait Failure: Error {
    /// What to do about it.
    fn class(&self) -> Class;

    /// The stable code, such as `index/lost-release`.
    fn code(&self) -> &'static str;

    /// What a person could do about it.
    fn hint(&self) -> Option<String> {
        None
    }
}

impl Failure for SourceError {
    fn class(&self) -> Class {
        match self {
            Self::Path(_) | Self::TooLarge { .. } => Class::Untrusted,
            Self::Sink { .. } | Self::Insecure { .. } | Self::Proxy { .. } => Class::Refused,
            Self::Read { .. }
            | Self::Transport { .. }
            | Self::Status { .. }
            | Self::Slow { .. }
            | Self::Redirects { .. }
            | Self::Redirect { .. }
            | Self::Offline { .. } => Class::Network,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Path(_) => "source/path",
            Self::TooLarge { .. } => "source/too-large",
            Self::Sink { .. } => "source/sink",
            Self::Read { .. } => "source/read",
            Self::Transport { .. } => "network/transport",
            Self::Status { .. } => "network/status",
            Self::Slow { .. } => "network/slow",
            Self::Redirects { .. } => "network/redirects",
            Self::Redirect { .. } => "network/redirect",
            Self::Insecure { .. } => "network/insecure",
            Self::Proxy { .. } => "network/proxy",
            Self::Offline { .. } => "network/offline",
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = if matches!(self, Self::Insecure { .. }) {
            "--allow-insecure allows it; what comes is verified all the same"
        } else if matches!(self, Self::Offline { .. }) {
            "try again without --offline"
        } else if matches!(self, Self::Transport { .. }) {
            "--offline works with what was fetched before"
        } else {
            return None;
        };
        Some(hint.to_owned())
    }
}

impl Failure for TufError {
    fn class(&self) -> Class {
        Class::Untrusted
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "tuf/malformed",
            Self::Signatures { .. } => "tuf/signatures",
            Self::Expired { .. } => "tuf/expired",
            Self::Rollback { .. } => "tuf/rollback",
            Self::Version { .. } => "tuf/version",
            Self::LastVersion(_) => "tuf/last-version",
            Self::Lost(_) => "tuf/lost",
            Self::Content(_) => "tuf/content",
            Self::Swapped { .. } => "tuf/swapped",
            Self::Unlisted(_) => "tuf/unlisted",
            Self::Inconsistent => "tuf/inconsistent",
            Self::Role { .. } => "tuf/role",
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = if matches!(self, Self::Expired { .. }) {
            "the registry has to release anew; if it says that it has, check this computer's clock \
             and the network. Installed plugins keep working"
        } else if matches!(self, Self::Rollback { .. } | Self::Lost(_)) {
            "a mirror may lag behind: try again later, or ask the registry"
        } else {
            return None;
        };
        Some(hint.to_owned())
    }
}

impl Failure for UpdateError {
    fn class(&self) -> Class {
        match self {
            Self::Untrusted(_)
            | Self::NotRoot { .. }
            | Self::Missing(_)
            | Self::RootDigest { .. }
            | Self::TooLong { .. } => Class::Untrusted,
            Self::Source(error) => error.class(),
            Self::Store(_) | Self::HasRoot | Self::NoRoot => Class::Refused,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Untrusted(error) => error.code(),
            Self::NotRoot { .. } => "tuf/not-root",
            Self::Missing(_) => "tuf/missing",
            Self::RootDigest { .. } => "tuf/root-digest",
            Self::TooLong { .. } => "tuf/too-long",
            Self::Source(error) => error.code(),
            Self::Store(_) => "tuf/store",
            Self::HasRoot => "tuf/has-root",
            Self::NoRoot => "tuf/no-root",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Untrusted(error) => error.hint(),
            Self::Source(error) => error.hint(),
            Self::NotRoot { .. }
            | Self::Missing(_)
            | Self::Store(_)
            | Self::NoRoot
            | Self::HasRoot
            | Self::RootDigest { .. }
            | Self::TooLong { .. } => None,
        }
    }
}

impl Failure for HomeError {
    fn class(&self) -> Class {
        if matches!(self, Self::Busy { .. }) { Class::Locked } else { Class::Refused }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "home/folder",
            Self::Lock { .. } => "home/lock",
            Self::Busy { .. } => "home/locked",
        }
    }
}

impl Failure for GenerationError {
    fn class(&self) -> Class {
        match self {
            Self::Home(error) => error.class(),
            Self::Missing(_) => Class::NotFound,
            Self::Io { .. } | Self::Damaged { .. } | Self::Newer { .. } => Class::Refused,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Home(error) => error.code(),
            Self::Io { .. } => "generation/io",
            Self::Damaged { .. } => "generation/damaged",
            Self::Newer { .. } => "generation/newer",
            Self::Missing(_) => "generation/missing",
        }
    }
}

impl Failure for StoreError {
    fn class(&self) -> Class {
        match self {
            Self::Home(error) => error.class(),
            Self::Twice(_) => Class::Untrusted,
            Self::Io { .. } | Self::NoListing(_) | Self::Foreign(_) => Class::Refused,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Home(error) => error.code(),
            Self::Io { .. } => "store/io",
            Self::Twice(_) => "store/twice",
            Self::NoListing(_) => "store/no-listing",
            Self::Foreign(_) => "store/foreign",
        }
    }
}

impl Failure for TransactionError {
    fn class(&self) -> Class {
        match self {
            Self::Home(error) => error.class(),
            Self::Generation(error) => error.class(),
            Self::Store(error) => error.class(),
            Self::Io { .. } | Self::Occupied(_) => Class::Refused,
            Self::Moved { .. } | Self::NotStored(_) => Class::Locked,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Home(error) => error.code(),
            Self::Generation(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Io { .. } => "transaction/io",
            Self::Moved { .. } => "transaction/moved",
            Self::NotStored(_) => "transaction/not-stored",
            Self::Occupied(_) => "transaction/occupied",
        }
    }
}

impl Failure for LocationError {
    fn class(&self) -> Class {
        Class::Usage
    }

    fn code(&self) -> &'static str {
        "location/malformed"
    }
}

impl Failure for ChainError {
    fn class(&self) -> Class {
        Class::Untrusted
    }

    fn code(&self) -> &'static str {
        Self::code(self)
    }
}

impl<E: Failure + 'static> Failure for ResolveError<E> {
    fn class(&self) -> Class {
        match self {
            Self::NoSolution(_) | Self::TooHard(_) => Class::NoSolution,
            Self::Universe(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoSolution(_) => "resolve/no-solution",
            Self::TooHard(_) => "resolve/too-hard",
            Self::Universe(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NoSolution(why) if why.hints.is_empty() => None,
            Self::NoSolution(why) => Some(why.hints.join("\n")),
            Self::TooHard(_) => Some("ask for narrower versions".to_owned()),
            Self::Universe(error) => error.hint(),
        }
    }
}
