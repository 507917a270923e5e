//! Paths inside a package: relative, portable, and safe to join to a folder.

use std::fmt;

use crate::limits;

/// A path of one or more components joined by `/`, such as `src/main.py`.
///
/// Each component has 1 to 100 bytes of `A-Z a-z 0-9 . _ + @ ~ = -`, is not `.` or `..`, does not
/// end in a dot, and is not the name of a Windows device. The whole has at most 200 bytes and
/// 16 components. Joining one to a folder never leaves that folder, on any platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackagePath(String);

/// Why a text is not a [`PackagePath`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path is longer than the ceiling.
    #[error("a path has at most {max} bytes, this has {0}", max = limits::PATH)]
    TooLong(usize),
    /// The path has too many components.
    #[error("a path has at most {max} components, this has {0}", max = limits::DEPTH)]
    TooDeep(usize),
    /// A component is empty: the path is empty, absolute, ends in `/` or has `//`.
    #[error("a path is relative and has no empty component")]
    EmptyComponent,
    /// A component is longer than a file name may be.
    #[error("a component has at most 100 bytes, this has {0}")]
    LongComponent(usize),
    /// A character outside the portable set.
    #[error("{0:?} does not belong in a path; use A-Z a-z 0-9 . _ + @ ~ = -")]
    Character(char),
    /// A component is `.` or `..`.
    #[error("`{0}` is not allowed as a component")]
    Dots(String),
    /// Windows drops trailing dots.
    #[error("`{0}` ends in a dot")]
    TrailingDot(String),
    /// A name that Windows gives to a device.
    #[error("`{0}` is a device name on Windows")]
    Device(String),
}

impl PackagePath {
    /// Parses a path; nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.len() > limits::PATH {
            return Err(PathError::TooLong(text.len()));
        }
        let depth = text.split('/').count();
        if depth > limits::DEPTH {
            return Err(PathError::TooDeep(depth));
        }
        text.split('/').try_for_each(check_component)?;
        Ok(Self(text.to_owned()))
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.as_str(), |(_, name)| name)
    }

    /// Returns the path without its last component, if anything is left.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.to_owned()))
    }
}

fn check_component(component: &str) -> Result<(), PathError> {
    if component.is_empty() {
        return Err(PathError::EmptyComponent);
    }
    if let Some(bad) = component.chars().find(|c| !is_portable(*c)) {
        return Err(PathError::Character(bad));
    }
    if component.len() > 100 {
        return Err(PathError::LongComponent(component.len()));
    }
    if matches!(component, "." | "..") {
        return Err(PathError::Dots(component.to_owned()));
    }
    if component.ends_with('.') {
        return Err(PathError::TrailingDot(component.to_owned()));
    }
    if is_device_name(component) {
        return Err(PathError::Device(component.to_owned()));
    }
    Ok(())
}

const fn is_portable(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '@' | '~' | '=' | '-')
}

/// Tells whether Windows would open a device instead of a file of this name, with any extension.
pub fn is_device_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    match stem.as_str() {
        "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" => true,
        other => ["com", "lpt"]
            .iter()
            .filter_map(|port| other.strip_prefix(port))
            .any(|number| matches!(number.as_bytes(), [b'0'..=b'9'])),
    }
}

impl fmt::Display for PackagePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(
    PackagePath,
    PathError,
    "path/malformed",
    r"^[A-Za-z0-9._+@~=-]{1,100}(/[A-Za-z0-9._+@~=-]{1,100}){0,15}$",
    "a relative, portable path inside a package"
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_paths_are_taken_as_they_are() {
        for text in
            ["a", "src/main.py", "a-1.0.0/README.md", "x/@scope/y~z=1+2", ".hidden", "com10"]
        {
            assert_eq!(PackagePath::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn whatever_could_leave_the_folder_or_differ_between_platforms_is_refused() {
        for text in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/../b",
            "a/./b",
            "C:\\x",
            "a\\b",
            "a:b",
            "a b",
            "a.",
            "con",
            "NUL.txt",
            "aux.tar.gz",
            "COM1",
            "lpt9.x",
            "CONIN$",
            "a\0b",
            "a\nb",
            "naïve",
            "a*b",
            "\u{ff0e}",
        ] {
            assert!(PackagePath::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(PackagePath::parse(&"a/".repeat(16)), Err(PathError::TooDeep(17)));
        assert_eq!(PackagePath::parse(&"a".repeat(201)), Err(PathError::TooLong(201)));
        assert_eq!(PackagePath::parse(&"a".repeat(101)), Err(PathError::LongComponent(101)));
    }

    proptest! {
        #[test]
        fn a_parsed_path_joined_to_a_folder_stays_inside(text in ".{0,40}|[a-z./\\\\:]{0,20}") {
            if let Ok(path) = PackagePath::parse(&text) {
                let joined = std::path::Path::new("/top").join(path.as_str());
                prop_assert!(joined.starts_with("/top"));
                let inside = joined.components().skip(2);
                prop_assert!(inside.into_iter().all(|c| matches!(c, std::path::Component::Normal(_))));
            }
        }
    }
}
