//! Why nothing was installed.

use index_schema::id::PluginId;
use index_schema::osv::Osv;
use index_schema::permission::PermissionName;
use index_schema::time::Timestamp;
use index_schema::version::Version;

use crate::believe::{BelieveError, Loss};
use crate::failure::{Class, Failure};
use crate::generation::GenerationError;
use crate::home::HomeError;
use crate::index::IndexError;
use crate::plan::PlanError;
use crate::resolve::ResolveError;
use crate::store::StoreError;
use crate::transaction::TransactionError;
use crate::verify::VerifyError;

/// Why nothing was installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The state cannot be read.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// The index is not believed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Nothing fits.
    #[error(transparent)]
    Resolve(#[from] ResolveError<IndexError>),
    /// The solution is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A release is not believed.
    #[error(transparent)]
    Believe(#[from] BelieveError),
    /// A package is not accepted.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The change was not made.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The only releases that were asked for are gone.
    #[error("{id} {version} is not to be had any more: {why}")]
    Gone {
        /// The plugin.
        id: PluginId,
        /// The release, the highest of them.
        version: Version,
        /// Why it is gone.
        why: Box<Loss>,
    },
    /// The maintainers suspended the publisher of something new.
    #[error("the registry's maintainers suspended the publisher of {id} on {since}: {reason}")]
    Suspended {
        /// The plugin.
        id: PluginId,
        /// Since when.
        since: Timestamp,
        /// Why, in their words.
        reason: String,
    },
    /// A new release is known to be bad.
    #[error("{id} {version} is affected by {}, {}: {}", osv.id, osv.harm(), osv.summary)]
    Affected {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
        /// What the maintainers say.
        osv: Box<Osv>,
    },
    /// A sensitive permission was not granted.
    #[error("{id} asks for `{name}`, which has not been granted")]
    NotGranted {
        /// The plugin.
        id: PluginId,
        /// The permission.
        name: PermissionName,
    },
}

impl InstallError {
    fn failure(&self) -> Option<&dyn Failure> {
        Some(match self {
            Self::Home(error) => error,
            Self::Generation(error) => error,
            Self::Index(error) => error,
            Self::Resolve(error) => error,
            Self::Plan(error) => error,
            Self::Believe(error) => error,
            Self::Verify(error) => error,
            Self::Store(error) => error,
            Self::Transaction(error) => error,
            Self::Gone { .. }
            | Self::Suspended { .. }
            | Self::Affected { .. }
            | Self::NotGranted { .. } => return None,
        })
    }

    /// Tells whether another process changed the state meanwhile: planning anew may help.
    pub const fn is_race(&self) -> bool {
        use TransactionError::{Moved, NotStored};
        matches!(self, Self::Transaction(Moved { .. } | NotStored(_)))
    }
}

impl Failure for InstallError {
    fn class(&self) -> Class {
        let own =
            if matches!(self, Self::Gone { .. }) { Class::NoSolution } else { Class::Consent };
        self.failure().map_or(own, Failure::class)
    }

    fn code(&self) -> &'static str {
        if let Some(failure) = self.failure() {
            return failure.code();
        }
        let is_suspended = matches!(self, Self::Suspended { .. });
        let own = if is_suspended { "publisher/suspended" } else { "consent/needed" };
        let own = if matches!(self, Self::Affected { .. }) { "advisory/affected" } else { own };
        if matches!(self, Self::Gone { .. }) { "plugin/gone" } else { own }
    }

    fn hint(&self) -> Option<String> {
        if let Self::NotGranted { name, .. } = self {
            return Some(format!("--grant {name} grants it"));
        }
        if let Self::Affected { id, osv, .. } = self {
            let fixes: Vec<_> = osv.fixes(id).iter().map(ToString::to_string).collect();
            let fixes = fixes.join(", ");
            let fixed =
                if fixes.is_empty() { fixes } else { format!("it is repaired in {fixes}; ") };
            return Some(format!("{fixed}--allow-advisory {} installs it all the same", osv.id));
        }
        if let Self::Suspended { id, .. } = self {
            let publisher = &id.publisher;
            return Some(format!("--allow-suspended {publisher} installs it all the same"));
        }
        self.failure().and_then(Failure::hint)
    }
}
