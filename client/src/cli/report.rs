//! How errors are shown, and which exit code they give.

use std::error::Error;
use std::io::{self, Write as _};

use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, RegistryId};
use index_schema::permission::PermissionName;
use serde_json::json;

use super::text::clean;
use crate::failure::{Class, Failure};

/// Any error of a command.
#[derive(Debug)]
pub(crate) struct CommandError(Box<dyn Failure>);

impl<E: Failure + 'static> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

/// What goes wrong between a person and the library.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The output cannot be written, or the input not be read.
    #[error("cannot read or write")]
    Io(#[from] io::Error),
    /// There is no folder for the state.
    #[error("this computer does not say where the home folder is")]
    NoHome,
    /// A file that was named cannot be read.
    #[error("cannot read `{path}`")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// No registry is known.
    #[error("no registry is known")]
    NoRegistry,
    /// A registry of this name is not known.
    #[error("there is no registry `{0}` here")]
    UnknownRegistry(RegistryId),
    /// No registry has the plugin.
    #[error("there is no plugin `{id}` in {places}")]
    UnknownPlugin {
        /// What was asked for.
        id: PluginId,
        /// Where it was looked for.
        places: String,
        /// What may have been meant.
        similar: Option<PluginId>,
    },
    /// The plugin is known and not installed.
    #[error("{0} is not installed")]
    NotInstalled(PluginId),
    /// The plugin has no release that was asked for and that this version can read.
    #[error("no release of {0} is as you wish")]
    NoRelease(PluginId),
    /// The plugins come from more than one registry.
    #[error("`{first}` and `{second}` come from different registries")]
    SeveralRegistries {
        /// One plugin.
        first: PluginId,
        /// Another one.
        second: PluginId,
    },
    /// A first root has to be trusted.
    #[error(
        "the root of `{name}` has the SHA-256 {digest}, and nobody has said that it is the right one"
    )]
    RootConsent {
        /// What the user calls the registry.
        name: RegistryId,
        /// Where it lies.
        url: String,
        /// The digest of its root.
        digest: Sha256Digest,
    },
    /// Sensitive permissions have to be granted.
    #[error("sensitive permissions have to be granted: {}", names(.0))]
    Permissions(Vec<PermissionName>),
    /// The user said no.
    #[error("nothing was changed, as you wish")]
    Declined,
    /// Plugins come from a registry that is to be removed.
    #[error("{count} plugins are installed from `{name}`, such as {example}")]
    RegistryInUse {
        /// What the user calls the registry.
        name: RegistryId,
        /// How many plugins.
        count: usize,
        /// One of them.
        example: PluginId,
    },
}

fn names(names: &[PermissionName]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Failure for CliError {
    fn class(&self) -> Class {
        match self {
            Self::Io(_) | Self::NoHome | Self::RegistryInUse { .. } => Class::Refused,
            Self::File { .. } | Self::SeveralRegistries { .. } => Class::Usage,
            Self::NoRegistry
            | Self::UnknownRegistry(_)
            | Self::UnknownPlugin { .. }
            | Self::NoRelease(_)
            | Self::NotInstalled(_) => Class::NotFound,
            Self::RootConsent { .. } | Self::Permissions(_) | Self::Declined => Class::Consent,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "cli/io",
            Self::NoHome => "home/none",
            Self::File { .. } => "cli/file",
            Self::NoRegistry => "registry/none",
            Self::UnknownRegistry(_) => "registry/unknown",
            Self::UnknownPlugin { .. } => "plugin/unknown",
            Self::NotInstalled(_) => "plugin/not-installed",
            Self::NoRelease(_) => "plugin/no-release",
            Self::SeveralRegistries { .. } => "plan/several-registries",
            Self::RootConsent { .. } => "consent/root",
            Self::Permissions(_) => "consent/needed",
            Self::Declined => "consent/declined",
            Self::RegistryInUse { .. } => "registry/in-use",
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoHome => "set LIBRAL_HOME to a folder".to_owned(),
            Self::NoRegistry => "`libral registry add NAME URL` adds one".to_owned(),
            Self::UnknownRegistry(_) => "`libral registry list` shows them".to_owned(),
            Self::UnknownPlugin { similar: Some(similar), .. } => {
                format!("did you mean `{similar}`?")
            }
            Self::UnknownPlugin { similar: None, .. } => "`libral search` finds plugins".to_owned(),
            Self::NoRelease(id) => format!("`libral info {id}` shows the releases"),
            Self::NotInstalled(_) => "`libral list` shows what is".to_owned(),
            Self::SeveralRegistries { .. } => "install them one registry at a time".to_owned(),
            Self::RootConsent { name, url, digest } => format!(
                "compare the digest with the one that the registry publishes elsewhere, then: \
                 libral registry add {name} {url} --root-sha256 {digest}"
            ),
            Self::Permissions(names) => {
                let grants = names.iter().map(|name| format!("--grant {name}"));
                format!("if you agree, add: {}", grants.collect::<Vec<_>>().join(" "))
            }
            Self::RegistryInUse { .. } => "remove the plugins first".to_owned(),
            Self::Io(_) | Self::File { .. } | Self::Declined => return None,
        })
    }
}

impl CommandError {
    /// Returns what happened, in one sentence.
    pub(crate) fn message(&self) -> String {
        clean(&self.0.to_string())
    }

    /// Returns the exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.0.class() {
            Class::Refused => 1,
            Class::Usage => 2,
            Class::Untrusted => 3,
            Class::Network => 4,
            Class::NoSolution => 5,
            Class::Consent => 6,
            Class::Locked => 7,
            Class::NotFound => 8,
        }
    }

    /// Tells whether whoever read the output has gone.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        let mut cause: Option<&(dyn Error + 'static)> = self.0.source();
        while let Some(error) = cause {
            let io = error.downcast_ref::<io::Error>();
            if io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    /// Shows the error, what caused it, and what to do about it.
    pub(crate) fn print(&self) -> io::Result<()> {
        let mut out = anstream::stderr();
        writeln!(out, "\u{1b}[1;31merror\u{1b}[0m: {}", clean(&self.0.to_string()))?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            writeln!(out, "  caused by: {}", clean(&error.to_string()))?;
            cause = error.source();
        }
        for hint in self.0.hint().iter().flat_map(|hint| hint.lines()) {
            writeln!(out, "\u{1b}[1;36mhint\u{1b}[0m: {}", clean(hint))?;
        }
        Ok(())
    }

    /// Prints the error as a JSON document.
    pub(crate) fn print_json(&self) -> io::Result<()> {
        let mut message = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        let (code, hint) = (self.0.code(), self.0.hint());
        let document = json!({
            "schema": "libral.error/1",
            "error": { "code": code, "message": message, "hint": hint },
        });
        writeln!(io::stdout(), "{document:#}")
    }
}
