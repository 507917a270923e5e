//! Capabilities: what a plugin can do. Most are permissions; some no permission allows.

use index_schema::permission::{VOCABULARY, Vocabulary};

/// Something that no permission allows: errors, or for a maintainer to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Forbidden {
    /// Its name in rules and reports.
    pub name: &'static str,
    /// The code of its findings.
    pub code: &'static str,
    /// What it means to a user: completes "this plugin …".
    pub meaning: &'static str,
}

/// Everything that no permission allows.
pub const FORBIDDEN: &[Forbidden] = &[
    Forbidden {
        name: "code.hidden",
        code: "scan/hidden-execution",
        meaning: "hides what it runs from those who read it",
    },
    Forbidden {
        name: "address.shady",
        code: "scan/shady-address",
        meaning: "names an address behind which anything can stand",
    },
    Forbidden {
        name: "install.script",
        code: "scan/install-script",
        meaning: "has a script that installers of packages run",
    },
    Forbidden {
        name: "package.install",
        code: "scan/package-install",
        meaning: "installs software that nobody has checked",
    },
    Forbidden {
        name: "install.hook",
        code: "scan/install-hook",
        meaning: "runs by itself when it is installed, or when the interpreter starts",
    },
    Forbidden {
        name: "sandbox.introspection",
        code: "scan/introspection",
        meaning: "reaches into the interpreter to get around its limits",
    },
    Forbidden {
        name: "frames.read",
        code: "scan/frames",
        meaning: "looks at the calls that are going on around it",
    },
];

/// Something that a plugin can do.
#[derive(Debug, Clone, Copy)]
pub enum Capability {
    /// A permission allows it.
    Permission(&'static Vocabulary),
    /// No permission allows it.
    Forbidden(&'static Forbidden),
}

impl Capability {
    /// Finds a capability by its name.
    pub fn parse(name: &str) -> Option<Self> {
        let word = VOCABULARY.iter().find(|word| word.name == name).map(Self::Permission);
        word.or_else(|| FORBIDDEN.iter().find(|word| word.name == name).map(Self::Forbidden))
    }

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permission(word) => word.name,
            Self::Forbidden(word) => word.name,
        }
    }
}

impl PartialEq for Capability {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Capability {}

impl PartialOrd for Capability {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Capability {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name().cmp(other.name())
    }
}
