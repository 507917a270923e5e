//! The registries that are known, each opened when it is first needed.

use std::cell::OnceCell;

use index_schema::id::{PluginId, RegistryId};

use super::context::Context;
use super::reference::Reference;
use super::report::{CliError, CommandError};
use crate::home::Home;
use crate::index::Index;
use crate::registries::{self, Registered};
use crate::source::cached::Cached;
use crate::source::http::Web;

/// The registries and where their files come from.
pub(crate) struct Sources<'c> {
    context: &'c Context,
    pub(crate) home: Home,
    pub(crate) web: Web,
    entries: Vec<(Registered, OnceCell<Cached>)>,
}

impl<'c> Sources<'c> {
    /// Reads which registries there are.
    pub(crate) fn open(context: &'c Context) -> Result<Self, CommandError> {
        let (home, web) = (context.home()?, context.web()?);
        let entries = registries::list(&home)?;
        let entries = entries.into_iter().map(|registry| (registry, OnceCell::new())).collect();
        Ok(Self { context, home, web, entries })
    }

    /// Returns the registries in the order of adding.
    pub(crate) fn registries(&self) -> impl Iterator<Item = &Registered> {
        self.entries.iter().map(|(registry, _)| registry)
    }

    /// Returns the files of a registry.
    pub(crate) fn source(&self, name: &RegistryId) -> Result<&Cached, CommandError> {
        let entry = self.entries.iter().find(|(registry, _)| registry.name == *name);
        let unknown = || CliError::UnknownRegistry(name.clone());
        let (registry, cell) = entry.ok_or_else(unknown)?;
        if let Some(source) = cell.get() {
            return Ok(source);
        }
        let folder = registries::cache(&self.home, name);
        let online = self.context.is_online();
        let source = online.then(|| registry.location().map(|place| place.open(&self.web)));
        let source = source.transpose()?.transpose()?;
        Ok(cell.get_or_init(|| Cached { source, folder }))
    }
}

/// The indexes of the registries.
pub(crate) struct Indexes<'s, 'c> {
    sources: &'s Sources<'c>,
    opened: Vec<(RegistryId, OnceCell<Index<'s>>)>,
}

impl<'s, 'c> Indexes<'s, 'c> {
    /// Prepares to open them; there has to be one.
    pub(crate) fn of(sources: &'s Sources<'c>) -> Result<Self, CommandError> {
        let names = sources.registries().map(|registry| registry.name.clone());
        let opened: Vec<_> = names.map(|name| (name, OnceCell::new())).collect();
        if opened.is_empty() {
            return Err(CliError::NoRegistry.into());
        }
        Ok(Self { sources, opened })
    }

    /// Opens the index of a registry.
    pub(crate) fn index(&self, name: &RegistryId) -> Result<&Index<'s>, CommandError> {
        let entry = self.opened.iter().find(|(other, _)| other == name);
        let (_, cell) = entry.ok_or_else(|| CliError::UnknownRegistry(name.clone()))?;
        if let Some(index) = cell.get() {
            return Ok(index);
        }
        let source = self.sources.source(name)?;
        let folder = self.sources.home.trust(name)?;
        let context = self.sources.context;
        context.explain(&format!("reading the index of `{name}`"))?;
        let place = (name.clone(), folder);
        let index = Index::open(place, source, context.now, context.freshness())?;
        Ok(cell.get_or_init(|| index))
    }

    /// Opens every index, in the order of adding; or only the one that is named.
    pub(crate) fn all(&self, only: Option<&RegistryId>) -> Result<Vec<&Index<'s>>, CommandError> {
        if let Some(name) = only {
            return Ok(vec![self.index(name)?]);
        }
        self.opened.iter().map(|(name, _)| self.index(name)).collect()
    }

    /// Finds the registry that a plugin comes from: the one that is named, else the one that it is
    /// installed from, else the first that has it. A registry that cannot be read ends the search:
    /// whoever holds it back does not decide where plugins come from.
    pub(crate) fn find(
        &self,
        reference: &Reference,
        installed: Option<&RegistryId>,
    ) -> Result<&Index<'s>, CommandError> {
        let known = installed.filter(|name| self.opened.iter().any(|(other, _)| other == *name));
        let only = reference.registry.as_ref().or(known);
        let names: Vec<&RegistryId> = match only {
            Some(name) => vec![name],
            None => self.opened.iter().map(|(name, _)| name).collect(),
        };
        for name in &names {
            let index = self.index(name)?;
            if index.plugin(&reference.id)?.is_some() {
                if only.is_none() && names.len() > 1 {
                    let id = &reference.id;
                    self.sources.context.say(&format!("taking {id} from the registry `{name}`"))?;
                }
                return Ok(index);
            }
        }
        Err(self.unknown(&reference.id, &names)?)
    }

    fn unknown(&self, id: &PluginId, names: &[&RegistryId]) -> Result<CommandError, CommandError> {
        let mut known = Vec::new();
        for name in names {
            known.extend(self.index(name)?.catalog()?.plugins.ids().cloned());
        }
        let places: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let (id, similar) = (id.clone(), similar(id, &known));
        Ok(CliError::UnknownPlugin { id, places: places.join(", "), similar }.into())
    }

    /// Writes down what was seen in every index that was opened.
    pub(crate) fn remember(&self) -> Result<(), CommandError> {
        let mut opened = self.opened.iter().filter_map(|(_, cell)| cell.get());
        Ok(opened.try_for_each(Index::remember)?)
    }
}

/// Returns the plugin whose id is most like `id`, if one is like it at all. The name counts more
/// than the publisher: it is what people remember.
fn similar(id: &PluginId, known: &[PluginId]) -> Option<PluginId> {
    let likeness = |other: &PluginId| {
        let name = strsim::jaro_winkler(id.name.as_str(), other.name.as_str());
        let publisher = strsim::jaro_winkler(id.publisher.as_str(), other.publisher.as_str());
        (name > 0.85).then_some(name * 0.8 + publisher * 0.2)
    };
    let scored = known.iter().filter_map(|other| Some((likeness(other)?, other)));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.map(|(_, other)| other.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_is_guessed_and_a_strange_one_is_not() {
        let id = |text| PluginId::parse(text).unwrap();
        let known = [id("lab/amber"), id("lab/birch"), id("harbor/mast")];
        assert_eq!(similar(&id("lab/ambre"), &known), Some(id("lab/amber")));
        assert_eq!(similar(&id("other/mast"), &known), Some(id("harbor/mast")));
        assert_eq!(similar(&id("lab/none"), &known), None);
        assert_eq!(similar(&id("zz/qqqq"), &known), None);
    }
}
