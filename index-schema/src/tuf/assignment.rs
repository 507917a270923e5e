//! Which role of a plugin registry vouches for which target.

use super::{BinCount, RoleName, TargetPath};
use crate::id::PluginId;
use crate::layout;

/// The fixed files for which the role `index` vouches.
pub const INDEX_FILES: &[&str] =
    &[layout::CATALOG_TARGET, "search.json", "advisories.json", layout::STATE_TARGET];

/// Returns the target that holds the document of a plugin.
pub fn plugin_target(id: &PluginId) -> TargetPath {
    let path = layout::plugin_target(id);
    TargetPath::parse(&path).expect("ids are made of letters, digits and hyphens")
}

/// Returns the role that has to vouch for `path`; `None` for what is no target of a registry.
pub fn role_for(path: &TargetPath, bins: BinCount) -> Option<RoleName> {
    let text = path.as_str();
    if text == layout::REGISTRY_TARGET {
        return Some(RoleName::targets());
    }
    if INDEX_FILES.contains(&text) {
        return Some(RoleName::index());
    }
    let id = text.strip_prefix("plugins/")?.strip_suffix(".json")?;
    PluginId::parse(id).ok().map(|_| bins.bin_of(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_of_a_registry_has_one_role_and_nothing_else_has_any() {
        let bins = BinCount::default();
        let role = |path: &str| role_for(&TargetPath::parse(path).unwrap(), bins);
        assert_eq!(role("registry.signed"), Some(RoleName::targets()));
        assert_eq!(role("state.json"), Some(RoleName::index()));
        let document = plugin_target(&PluginId::parse("lab/amber").unwrap());
        assert_eq!(role(document.as_str()), Some(bins.bin_of(&document)));
        for path in ["index.json", "plugins/lab.json", "plugins/lab/a.txt", "plugins/lab/x/y.json"]
        {
            assert_eq!(role(path), None, "{path}");
        }
    }
}
