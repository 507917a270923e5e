//! Names that people could take for others.

use super::Case;
use crate::finding::Finding;

/// A new plugin's name is not another's but for hyphens, and does not look like another's.
pub(super) fn near_another(case: Case<'_>, findings: &mut Vec<Finding>) {
    let manifest = case.manifest();
    let is_first = case.index.plugins.get(&manifest.id).is_some_and(|p| p.releases.len() == 1);
    if !is_first {
        return;
    }
    let name = manifest.id.name.as_str();
    for other in case.index.plugins.keys().filter(|other| **other != manifest.id) {
        let there = other.name.as_str();
        if other.publisher == manifest.id.publisher
            && name.replace('-', "") == there.replace('-', "")
        {
            let message = format!("`{name}` and `{other}` differ in hyphens alone");
            findings.push(case.finding("name/equal-but-hyphens", "id", message));
        } else if skeleton(name) == skeleton(there) {
            let message = format!("`{name}` can be taken for `{other}`");
            findings.push(case.finding("name/look-alike", "id", message).about(other.to_string()));
        }
    }
}

/// Returns what is left of a name when letters that look the same become the same.
fn skeleton(name: &str) -> String {
    name.replace('-', "")
        .replace("rn", "m")
        .replace("vv", "w")
        .replace('0', "o")
        .replace(['1', 'i'], "l")
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn look_alikes_share_a_skeleton_and_others_do_not() {
        for (a, b) in [("modern", "modem"), ("lint", "1int"), ("vvord", "word"), ("go-od", "g0od")]
        {
            assert_eq!(skeleton(a), skeleton(b), "{a} {b}");
        }
        assert_ne!(skeleton("word"), skeleton("ward"));
    }
}
