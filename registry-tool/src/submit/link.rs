//! Links under which a code host opens a pull request.

use std::fmt::Write as _;

/// What kind of host keeps a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    /// GitHub, or GitHub Enterprise.
    Github,
    /// GitLab.
    Gitlab,
    /// Gitea, Forgejo, Codeberg.
    Gitea,
}

impl HostKind {
    /// Guesses by the name of a host.
    fn of(host: &str) -> Option<Self> {
        let is = |name: &str| {
            let tail = host.strip_suffix(name);
            tail.is_some_and(|head| head.is_empty() || head.ends_with('.'))
        };
        let first = host.split('.').next().unwrap_or_default();
        match first {
            _ if is("github.com") => Some(Self::Github),
            _ if is("gitlab.com") => Some(Self::Gitlab),
            _ if is("codeberg.org") || is("gitea.com") => Some(Self::Gitea),
            "github" => Some(Self::Github),
            "gitlab" => Some(Self::Gitlab),
            "gitea" | "forgejo" => Some(Self::Gitea),
            _ => None,
        }
    }
}

/// A repository at a code host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosted {
    host: String,
    path: String,
}

impl Hosted {
    /// Reads the address of a remote: `https://HOST/PATH`, `ssh://USER@HOST:PORT/PATH` or
    /// `USER@HOST:PATH`. Others have no page.
    pub fn parse(url: &str) -> Option<Self> {
        let (authority, path, is_web) = match url.split_once("://") {
            Some((scheme, rest)) => {
                let (authority, path) = rest.split_once('/')?;
                match scheme {
                    "https" | "http" => (authority, path, true),
                    "ssh" | "git+ssh" | "git" => (authority, path, false),
                    _ => return None,
                }
            }
            None => {
                let (authority, path) = url.split_once(':')?;
                // A letter and a colon begin a path of Windows; a slash before it, any path.
                if authority.len() < 2 || authority.contains('/') {
                    return None;
                }
                (authority, path, false)
            }
        };
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        // The port of a web server is that of its pages; that of an SSH server is not.
        let host = if is_web { host } else { host.split(':').next()? };
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let is_plain = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/:[]".contains(&b))
        };
        let is_whole = is_plain(host) && is_plain(path) && path.contains('/');
        is_whole.then(|| Self { host: host.to_ascii_lowercase(), path: path.to_owned() })
    }

    fn owner(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

/// Where a branch lies, and what it is to be merged into.
#[derive(Debug, Clone, Copy)]
pub struct Proposed<'a> {
    /// The address of the repository that it is to be merged into.
    pub upstream: &'a str,
    /// The branch there.
    pub base: &'a str,
    /// The address of the repository that has the branch, if it is another one.
    pub fork: Option<&'a str>,
    /// The branch.
    pub branch: &'a str,
}

/// Returns the page that opens a pull request; nothing where the host is not known.
pub fn pull_request(proposed: Proposed<'_>, kind: Option<HostKind>) -> Option<String> {
    let upstream = Hosted::parse(proposed.upstream)?;
    let fork = match proposed.fork {
        Some(fork) => Some(Hosted::parse(fork)?).filter(|fork| *fork != upstream),
        None => None,
    };
    let kind = kind.or_else(|| HostKind::of(&upstream.host))?;
    let (base, branch) = (escaped(proposed.base), escaped(proposed.branch));
    let Hosted { host, path } = &upstream;
    let head = match &fork {
        Some(fork) => format!("{}:{branch}", fork.owner()),
        None => branch.clone(),
    };
    Some(match kind {
        HostKind::Github => format!("https://{host}/{path}/compare/{base}...{head}?expand=1"),
        HostKind::Gitea => format!("https://{host}/{path}/compare/{base}...{head}"),
        HostKind::Gitlab => {
            // GitLab opens it where the branch is, and merges into what that was forked from.
            let Hosted { host, path } = fork.as_ref().unwrap_or(&upstream);
            let source = format!("merge_request[source_branch]={branch}");
            let target = format!("merge_request[target_branch]={base}");
            format!("https://{host}/{path}/-/merge_requests/new?{source}&{target}")
        }
    })
}

/// Escapes what has a meaning in an address.
fn escaped(branch: &str) -> String {
    let mut out = String::new();
    for byte in branch.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else if write!(out, "%{byte:02X}").is_err() {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(upstream: &str, fork: Option<&str>, kind: Option<HostKind>) -> Option<String> {
        let branch = "submit/lab-amber-1.0.0+b";
        pull_request(Proposed { upstream, base: "main", fork, branch }, kind)
    }

    #[test]
    fn each_host_has_its_page_whatever_the_remote_is_written_like() {
        let branch = "submit/lab-amber-1.0.0%2Bb";
        for remote in [
            "https://github.com/acme/index",
            "https://github.com/acme/index.git",
            "https://ada:token@github.com/acme/index.git/",
            "git@github.com:acme/index.git",
            "ssh://git@github.com/acme/index.git",
            "ssh://git@GitHub.com:22/acme/index",
        ] {
            let page = format!("https://github.com/acme/index/compare/main...{branch}?expand=1");
            assert_eq!(link(remote, None, None), Some(page), "{remote}");
        }
        let page = format!(
            "https://gitlab.com/acme/deep/index/-/merge_requests/new?merge_request[source_branch]={branch}&merge_request[target_branch]=main"
        );
        assert_eq!(link("git@gitlab.com:acme/deep/index.git", None, None), Some(page));
        for host in ["codeberg.org", "gitea.com", "gitea.example.org", "forgejo.example.org:3000"] {
            let page = format!("https://{host}/acme/index/compare/main...{branch}");
            assert_eq!(link(&format!("https://{host}/acme/index.git"), None, None), Some(page));
        }
    }

    #[test]
    fn a_fork_is_named_by_its_owner_or_opens_it_itself() {
        let branch = "submit/lab-amber-1.0.0%2Bb";
        let page = format!("https://github.com/acme/index/compare/main...ada:{branch}?expand=1");
        let fork = Some("git@github.com:ada/index.git");
        assert_eq!(link("https://github.com/acme/index", fork, None), Some(page));
        let page = format!("https://codeberg.org/acme/index/compare/main...ada:{branch}");
        let fork = Some("https://codeberg.org/ada/index");
        assert_eq!(link("https://codeberg.org/acme/index", fork, None), Some(page));
        let fork = Some("https://gitlab.com/ada/index");
        let found = link("https://gitlab.com/acme/index", fork, None).unwrap();
        assert!(found.starts_with("https://gitlab.com/ada/index/-/merge_requests/new?"), "{found}");
    }

    #[test]
    fn hosts_of_ones_own_are_told_by_name() {
        let remote = "git@code.example.org:acme/index.git";
        assert_eq!(link(remote, None, None), None);
        let found = link(remote, None, Some(HostKind::Gitea)).unwrap();
        assert!(found.starts_with("https://code.example.org/acme/index/compare/main..."));
        // A name that only looks like that of a host is none.
        assert_eq!(link("https://notgithub.com/acme/index", None, None), None);
    }

    #[test]
    fn what_is_no_host_has_no_page() {
        for remote in [
            "/srv/git/index.git",
            "../index",
            "C:\\index",
            "c:/index",
            "file:///srv/git/index.git",
            "https://github.com/",
            "https://github.com/one",
            "https://github.com/a/b?x=\"<script>",
            "-oProxyCommand=x:y/z w",
        ] {
            assert_eq!(link(remote, None, None), None, "{remote}");
        }
    }
}
