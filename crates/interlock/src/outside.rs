//! Where outside tools are looked for: the environment's part of it, which only the binary reads.

use external::Places;
use external::catalogue::{APALACHE, TLC};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Names the private folder of tools.
pub const PREFIX_VARIABLE: &str = "INTERLOCK_TOOLS";

/// Names the jar of TLC, where the project file names none.
pub const TLC_VARIABLE: &str = "INTERLOCK_TLC";

/// Names Apalache, where the project file does not.
pub const APALACHE_VARIABLE: &str = "INTERLOCK_APALACHE";

/// The places of this process, with what a project file says of single tools.
pub fn places(mut configured: BTreeMap<String, PathBuf>, prefix: Option<PathBuf>) -> Places {
    for (tool, variable) in [(TLC, TLC_VARIABLE), (APALACHE.name, APALACHE_VARIABLE)] {
        if let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from) {
            configured.entry(tool.to_owned()).or_insert_with(|| std::path::absolute(&path).unwrap_or(path));
        }
    }
    let path = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let prefix = prefix.unwrap_or_else(|| default_prefix(|name| std::env::var_os(name).map(PathBuf::from)));
    Places { configured, path, prefix }
}

/// The folder named by the variable, else one in the user's folder for data, as the XDG base directories say.
fn default_prefix(variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    let set = |name: &str| variable(name).filter(|path| path.is_absolute());
    let of_user = || {
        let data = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
        data.unwrap_or_else(std::env::temp_dir).join("interlock/tools")
    };
    set(PREFIX_VARIABLE).unwrap_or_else(of_user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_the_variables_or_among_the_users_data() {
        let with = |known: &'static [(&str, &str)]| {
            let value = |name: &str| known.iter().find(|(known, _)| *known == name);
            default_prefix(|name| value(name).map(|(_, value)| PathBuf::from(value))).display().to_string()
        };
        assert_eq!(with(&[("HOME", "/home/a"), ("INTERLOCK_TOOLS", "/opt/t")]), "/opt/t");
        assert_eq!(with(&[("HOME", "/home/a")]), "/home/a/.local/share/interlock/tools");
        assert_eq!(with(&[("HOME", "/home/a"), ("XDG_DATA_HOME", "/d")]), "/d/interlock/tools");
        assert_eq!(with(&[("HOME", "/home/a"), ("XDG_DATA_HOME", "relative")]), "/home/a/.local/share/interlock/tools");
    }
}
