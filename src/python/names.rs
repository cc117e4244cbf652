//! A set of parameters by what their names begin with, as short as it can be said.

use std::collections::BTreeMap;

use super::literal::string;

/// Beginnings of names that cover exactly the wanted parameters, in the order of the model. An entry that ends in a dot is a
/// module; any other is a parameter's whole name.
pub fn cover<V: PartialEq>(names: &[(String, Option<V>)]) -> Vec<(String, &V)> {
    let mut found = Vec::new();
    descend("", &names.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect::<Vec<_>>(), &mut found);
    found
}

/// Adds the cover of the parameters that all begin with `prefix`.
fn descend<'v, V: PartialEq>(prefix: &str, names: &[(&str, Option<&'v V>)], found: &mut Vec<(String, &'v V)>) {
    let Some((_, first)) = names.first() else { return };
    if names.iter().all(|(_, value)| value == first) && (!prefix.is_empty() || first.is_none()) {
        found.extend(first.map(|value| (prefix.to_owned(), value)));
        return;
    }
    let head = |name: &str| {
        let end = name[prefix.len()..].find('.').map_or(name.len(), |dot| prefix.len() + dot + 1);
        name[..end].to_owned()
    };
    let mut rest = names;
    while let Some((name, value)) = rest.first() {
        let part = head(name);
        let (of_part, others) = rest.split_at(rest.iter().take_while(|(name, _)| head(name) == part).count());
        if part.len() == name.len() {
            found.extend(value.map(|value| (part, value)));
        } else {
            descend(&part, of_part, found);
        }
        rest = others;
    }
}

/// Beginnings of names as parts of a Python tuple. Those that several layers share are written once.
pub fn parts(prefixes: &[String]) -> Vec<String> {
    // What a layer's names go on with stands beside the layers that have it.
    let mut by_rest: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (module, layer, rest) in prefixes.iter().filter_map(|prefix| in_layer(prefix)) {
        by_rest.entry((module, rest)).or_default().push(layer);
    }
    let mut written: Vec<(&str, &[usize])> = Vec::new();
    let mut parts = Vec::new();
    for prefix in prefixes {
        let Some((module, _, rest)) = in_layer(prefix) else {
            parts.push(string(prefix));
            continue;
        };
        let layers = by_rest[&(module, rest)].as_slice();
        if layers.len() == 1 {
            parts.push(string(prefix));
        } else if !written.contains(&(module, layers)) {
            written.push((module, layers));
            let alike = |other: &&String| {
                in_layer(other)
                    .is_some_and(|(m, layer, rest)| m == module && layer == layers[0] && by_rest[&(m, rest)] == layers)
            };
            let rests: Vec<&str> = prefixes.iter().filter(alike).filter_map(|p| Some(in_layer(p)?.2)).collect();
            parts.push(of_layers(module, layers, &rests));
        }
    }
    parts
}

/// The module of the layers, the number and the rest: `bert.encoder.layer.`, 5 and `attention.` of
/// `bert.encoder.layer.5.attention.`.
fn in_layer(prefix: &str) -> Option<(&str, usize, &str)> {
    let at = prefix.find(".layer.")? + ".layer.".len();
    let (module, rest) = prefix.split_at(at);
    let (layer, rest) = rest.split_once('.')?;
    Some((module, layer.parse().ok()?, rest))
}

fn of_layers(module: &str, layers: &[usize], rests: &[&str]) -> String {
    let (first, last) = (layers[0], layers[layers.len() - 1]);
    let is_range = layers.len() > 2 && layers.windows(2).all(|two| two[1] == two[0] + 1);
    let numbers = match is_range {
        true if first == 0 => format!("range({})", last + 1),
        true => format!("range({first}, {})", last + 1),
        false => format!("({})", layers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    };
    match rests {
        [rest] => format!("*(f\"{module}{{i}}.{rest}\" for i in {numbers})"),
        rests => {
            let rests: Vec<String> = rests.iter().map(|rest| string(rest)).collect();
            format!("*(f\"{module}{{i}}.{{part}}\" for i in {numbers} for part in ({}))", rests.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(layers: usize) -> Vec<String> {
        let mut names =
            vec!["bert.embeddings.word_embeddings.weight".to_owned(), "bert.embeddings.LayerNorm.bias".into()];
        for i in 0..layers {
            for part in ["attention.self.query.weight", "attention.self.query.bias", "output.dense.weight"] {
                names.push(format!("bert.encoder.layer.{i}.{part}"));
            }
        }
        names.extend(["bert.pooler.dense.weight", "classifier.weight", "classifier.bias"].map(str::to_owned));
        names
    }

    fn prefixes(wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let marked: Vec<(String, Option<()>)> =
            names(12).into_iter().map(|name| (name.clone(), wanted(&name).then_some(()))).collect();
        cover(&marked).into_iter().map(|(prefix, ())| prefix).collect()
    }

    #[test]
    fn regular_sets_are_short() {
        let top = prefixes(|name| name.contains(".11.") || name.contains("pooler") || name.starts_with("classifier"));
        assert_eq!(top, ["bert.encoder.layer.11.", "bert.pooler.", "classifier."]);
        let all = prefixes(|_| true);
        assert_eq!(all, ["bert.", "classifier."]);
        let queries = prefixes(|name| name.contains("query"));
        assert_eq!(parts(&queries), ["*(f\"bert.encoder.layer.{i}.attention.\" for i in range(12))"]);
        let some = prefixes(|name| {
            ["1.", "4."].iter().any(|i| name.contains(&format!("layer.{i}"))) && !name.ends_with("query.bias")
        });
        assert_eq!(
            parts(&some),
            [
                "*(f\"bert.encoder.layer.{i}.{part}\" for i in (1, 4) for part in (\"attention.self.query.weight\", \"output.\"))"
            ]
        );
    }

    /// Layer 1 is not layer 10 or 11, and a set that is chosen at random is covered exactly.
    #[test]
    fn a_cover_holds_the_set_and_nothing_else() {
        let mut state = 7_u64;
        for round in 0..200 {
            let chosen: Vec<(String, Option<()>)> = names(12)
                .into_iter()
                .map(|name| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let on = (state >> 33) % 8 < round % 9;
                    (name, on.then_some(()))
                })
                .collect();
            let prefixes: Vec<String> = cover(&chosen).into_iter().map(|(prefix, ())| prefix).collect();
            for (name, on) in &chosen {
                assert_eq!(prefixes.iter().any(|p| name.starts_with(p.as_str())), on.is_some(), "{name} {prefixes:?}");
            }
        }
    }
}
