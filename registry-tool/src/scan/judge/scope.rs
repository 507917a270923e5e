//! Scopes: whether a constant lies within what the manifest declares.

use index_schema::permission::Permission;

use crate::scan::rules::ScopeKind;

/// Tells whether a permission covers what a constant names. An empty scope has no limit.
pub(super) fn allows(permission: &Permission, (kind, text): &(ScopeKind, String)) -> bool {
    if permission.scope.is_empty() {
        return true;
    }
    permission.scope.iter().any(|allowed| match kind {
        ScopeKind::Host => host(allowed.as_str(), text),
        ScopeKind::Path => path(allowed.as_str(), text),
        ScopeKind::Name => name(allowed.as_str(), text),
    })
}

/// `*.example.org` means every host below, `example.org` that host alone.
fn host(allowed: &str, found: &str) -> bool {
    match allowed.strip_prefix("*.") {
        Some(parent) => {
            let rest = found.strip_suffix(parent);
            rest.is_some_and(|rest| rest.ends_with('.') && rest.len() > 1)
        }
        None => allowed == "*" || allowed.eq_ignore_ascii_case(found),
    }
}

/// A path is allowed with everything below it; one that climbs never is.
fn path(allowed: &str, found: &str) -> bool {
    let (allowed, found) = (allowed.trim_end_matches('/'), found.replace('\\', "/"));
    if found.split('/').any(|part| part == "..") {
        return false;
    }
    let rest = found.strip_prefix(allowed.trim_start_matches("./"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || allowed.is_empty())
}

/// A name is allowed as it is, or by its start where the scope ends in `*`. Of a command line the
/// program counts.
fn name(allowed: &str, found: &str) -> bool {
    let program = found.split_whitespace().next().unwrap_or(found);
    let short = program.rsplit('/').next().unwrap_or(program);
    match allowed.strip_suffix('*') {
        Some(start) => found.starts_with(start),
        None => [found, program, short].contains(&allowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_paths_and_names_are_compared_as_what_they_are() {
        assert!(host("api.example.org", "API.example.org"));
        assert!(host("*.example.org", "a.b.example.org"));
        assert!(!host("*.example.org", "example.org"));
        assert!(!host("*.example.org", "evilexample.org"));
        assert!(!host("example.org", "example.org.evil.test"));
        assert!(path("~/Documents", "~/Documents/a.txt"));
        assert!(!path("~/Documents", "~/Documents2"));
        assert!(!path("~/Documents", "~/Documents/../.ssh/id"));
        assert!(name("APP_*", "APP_TOKEN"));
        assert!(!name("APP_TOKEN", "HOME"));
        assert!(name("git", "/usr/bin/git status"));
    }
}
