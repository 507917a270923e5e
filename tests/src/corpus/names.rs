//! Names of publishers and plugins: no two alike, also for somebody who looks only briefly.

use std::collections::BTreeSet;

use index_schema::id::{PluginName, PublisherId};

use super::model::Model;
use super::prose::capital;
use super::random::{Random, narrow};

/// The names that were given so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: BTreeSet<String>,
}

/// After so many failures a name gets one more word.
const PATIENCE: u64 = 4;

impl Names {
    /// Makes a name of a plugin.
    pub(crate) fn plugin(&mut self, model: &Model, random: &mut Random) -> PluginName {
        self.draw(model, random, |text| PluginName::parse(text).ok())
    }

    /// Makes an id of a publisher.
    pub(crate) fn publisher(&mut self, model: &Model, random: &mut Random) -> PublisherId {
        self.draw(model, random, |text| PublisherId::parse(text).ok())
    }

    fn draw<N>(
        &mut self,
        model: &Model,
        random: &mut Random,
        parse: impl Fn(&str) -> Option<N>,
    ) -> N {
        let mut failures = 0;
        loop {
            let words = model.shapes.draw(random).copied().unwrap_or(1).max(1);
            let text = compose(words + (failures / PATIENCE).min(2), failures, model, random);
            failures += 1;
            if let Some(name) = parse(&text)
                && self.taken.insert(skeleton(&text))
            {
                return name;
            }
        }
    }
}

/// Joins words by hyphens; when many names were taken, a number makes one more.
fn compose(words: u64, failures: u64, model: &Model, random: &mut Random) -> String {
    let stem = |random: &mut Random| model.stems.draw(random).cloned().unwrap_or("plugin".into());
    let mut parts: Vec<String> = (0..words).map(|_| stem(random)).collect();
    parts.dedup();
    if failures > 4 * PATIENCE {
        parts.push(format!("x{}", random.below(1_000_000)));
    }
    parts.join("-")
}

/// What is left of a name when its parts that look alike are made the same.
fn skeleton(name: &str) -> String {
    let text = name.replace('-', "").replace('0', "o").replace(['1', 'i'], "l");
    text.replace("rn", "m").replace("vv", "w")
}

/// Returns what people call a plugin of that name.
pub(crate) fn title(name: &PluginName) -> String {
    let words: Vec<String> = name.as_str().split('-').map(capital).collect();
    words.join(" ").chars().take(narrow(80)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_names_are_all_different_and_none_looks_like_another() {
        let model = Model::built_in();
        let mut random = Random::new(1, "names", 0);
        let mut names = Names::default();
        let mut all: Vec<String> =
            (0..10_000).map(|_| names.plugin(&model, &mut random).to_string()).collect();
        all.extend((0..100).map(|_| names.publisher(&model, &mut random).to_string()));
        let skeletons: BTreeSet<String> = all.iter().map(|name| skeleton(name)).collect();
        assert_eq!(skeletons.len(), all.len());
        assert_eq!(skeleton("modern-l0g"), skeleton("modemlog"));
    }

    #[test]
    fn a_title_is_the_name_in_capitals() {
        assert_eq!(title(&PluginName::parse("word-count").unwrap()), "Word Count");
    }
}
