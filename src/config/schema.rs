//! The JSON schema of `restock.toml`, and what follows from it.

use serde_json::Value;

use super::raw::RawConfig;

/// The schema as pretty JSON, ending in a newline: what `restock schema` prints and
/// `config/restock.schema.json` holds.
#[must_use]
pub fn json() -> String {
    let schema = schemars::schema_for!(RawConfig);
    format!("{:#}\n", schema.as_value())
}

/// The dotted names of all keys that hold one value and have a fixed name, such as
/// `plan.lead_time_days`, sorted.
#[must_use]
pub fn scalar_keys() -> Vec<String> {
    let schema = schemars::schema_for!(RawConfig);
    let mut keys = Vec::new();
    collect(schema.as_value(), schema.as_value(), "", &mut keys);
    keys.sort();
    keys
}

fn collect(root: &Value, node: &Value, prefix: &str, keys: &mut Vec<String>) {
    let node = follow(root, node);
    let Some(properties) = node.get("properties").and_then(Value::as_object) else {
        keys.push(prefix.to_owned());
        return;
    };

    for (name, child) in properties {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let is_map = follow(root, child).get("additionalProperties").is_some_and(Value::is_object);
        // By its path: `purchasing.handover` is a word.
        let is_list_of_tables =
            ["rule", "exclude", "hooks"].contains(&name.as_str()) || path == "handover";

        if !is_map && !is_list_of_tables {
            collect(root, child, &path, keys);
        }
    }
}

/// Follows a reference, also through "this or null".
fn follow<'a>(root: &'a Value, node: &'a Value) -> &'a Value {
    if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        let pointer = reference.trim_start_matches('#');
        return root.pointer(pointer).map_or(node, |target| follow(root, target));
    }

    let choices = node.get("anyOf").and_then(Value::as_array);
    match choices.and_then(|choices| choices.iter().find(|choice| choice.get("$ref").is_some())) {
        Some(choice) => follow(root, choice),
        None => node,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_reach_into_sections_and_inputs() {
        let keys = scalar_keys();
        for key in [
            "plan.lead_time_days",
            "run.bucket",
            "plan.target",
            "inputs.orders.path",
            "purchasing.budget",
        ] {
            assert!(keys.iter().any(|known| known == key), "{key} is missing in {keys:?}");
        }
    }
}
