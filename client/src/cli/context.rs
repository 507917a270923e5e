//! What every command gets from the outside.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use etcetera::BaseStrategy as _;
use index_schema::manifest::Platform;
use index_schema::time::Timestamp;

use super::report::{CliError, CommandError};
use super::{Environment, Options};
use crate::home::Home;
use crate::index::Freshness;
use crate::source::http::{Settings, Web};

/// How long to wait for other processes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What every command gets from the outside.
pub(crate) struct Context {
    /// The time to judge by.
    pub(crate) now: Timestamp,
    /// Whether results are printed as JSON.
    pub(crate) json: bool,
    options: Options,
    environment: Environment,
}

impl Context {
    pub(crate) fn new(options: Options, now: Timestamp, environment: Environment) -> Self {
        Self { now, json: options.output.json, options, environment }
    }

    /// Opens the home; makes it when it is missing.
    pub(crate) fn home(&self) -> Result<Home, CommandError> {
        if let Some(root) = &self.environment.home {
            let root = std::path::absolute(root).map_err(CliError::from)?;
            return Ok(Home::within(&root)?);
        }
        let base = etcetera::choose_base_strategy().map_err(|_none| CliError::NoHome)?;
        let folder = "libral";
        Ok(Home::spread(
            base.data_dir().join(folder),
            base.cache_dir().join(folder),
            base.config_dir().join(folder),
        )?)
    }

    /// Makes a client of the web.
    pub(crate) fn web(&self) -> Result<Web, CommandError> {
        let allow_insecure = self.options.access.allow_insecure;
        let proxy = self.environment.proxy.clone();
        Ok(Web::new(Settings { allow_insecure, proxy, ..Settings::default() })?)
    }

    /// Tells whether anything may be fetched.
    pub(crate) const fn is_online(&self) -> bool {
        !self.options.access.offline
    }

    /// Tells whether registries are asked for what is current.
    pub(crate) const fn freshness(&self) -> Freshness {
        if self.is_online() { Freshness::Current } else { Freshness::Stored }
    }

    /// Says what is going on, on standard error.
    pub(crate) fn say(&self, message: &str) -> Result<(), CliError> {
        if self.options.output.quiet || self.json {
            return Ok(());
        }
        Ok(writeln!(anstream::stderr(), "{message}")?)
    }

    /// Says what only some want to know.
    pub(crate) fn explain(&self, message: &str) -> Result<(), CliError> {
        if self.options.output.verbose { self.say(message) } else { Ok(()) }
    }

    /// Warns, however quiet the command should be.
    pub(crate) fn warn(&self, message: &str) -> Result<(), CliError> {
        if self.json {
            return Ok(());
        }
        Ok(writeln!(anstream::stderr(), "\u{1b}[1;33mwarning\u{1b}[0m: {message}")?)
    }

    /// Tells whether a person is watching.
    pub(crate) fn is_watched(&self) -> bool {
        !self.options.output.quiet && !self.json && io::stderr().is_terminal()
    }

    /// Tells whether a person can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        !self.json && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a question; everything but yes is no.
    pub(crate) fn ask(&self, question: &str) -> Result<bool, CliError> {
        let mut out = anstream::stderr();
        write!(out, "{question} [y/N] ")?;
        out.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}

/// Prints a result on standard output.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Prints a result as JSON on standard output.
pub(crate) fn print_json(document: &serde_json::Value) -> Result<(), CliError> {
    let mut out = io::stdout();
    writeln!(out, "{document:#}")?;
    Ok(out.flush()?)
}

/// Returns the machine that this program was built for.
pub(crate) fn platform() -> Platform {
    let abi = if cfg!(target_env = "musl") {
        "-musl"
    } else if cfg!(target_env = "msvc") {
        "-msvc"
    } else if cfg!(target_env = "gnu") {
        "-gnu"
    } else {
        ""
    };
    let system = match std::env::consts::OS {
        "linux" => "unknown-linux",
        "macos" => "apple-darwin",
        "windows" => "pc-windows",
        other => other,
    };
    let triple = format!("{}-{system}{abi}", std::env::consts::ARCH);
    Platform::parse(&triple).unwrap_or_else(|_| Platform::any())
}
