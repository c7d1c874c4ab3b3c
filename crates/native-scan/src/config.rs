//! Configuration: what the analyses cannot learn from the sources.
//!
//! The lists of `default.toml` are always in force; a project's file has the same tables and adds to them. No analysis
//! contains the name of a project's function or type.

use native_syntax::Settings;
use serde::Deserialize;
use std::collections::HashSet;

/// The bundled lists.
const DEFAULT: &str = include_str!("default.toml");

/// All lists.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Macros.
    pub macros: Macros,
    /// Types.
    pub types: Types,
    /// Who calls closures.
    pub closures: Closures,
    /// What waits.
    pub waits: Waits,
    /// What throws.
    pub throws: Throws,
    /// Signal handlers.
    pub signals: Signals,
    /// Resources.
    pub resources: Resources,
    /// Operations that may fail.
    pub exchanges: Exchanges,
    /// Objects that are ended by a call.
    pub states: States,
}

macro_rules! lists {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[$field_doc])* pub $field: HashSet<String>,)* }

        impl $name {
            fn add(&mut self, other: Self) {
                $(self.$field.extend(other.$field);)*
            }
        }
    };
}

lists! {
    /// Macros of the project.
    Macros {
        /// Blanked before parsing.
        decorations,
        /// Known to be defined.
        defined,
        /// Known not to be defined.
        undefined,
    }
}

lists! {
    /// Types, by the last part of their names.
    Types {
        /// Locks.
        mutexes,
        /// Locks that their holder may take again.
        recursive,
        /// Objects that hold a lock while they live.
        guards,
        /// Dispatch queues.
        queues,
        /// Types that need no lock.
        synchronized,
        /// Containers.
        containers,
        /// Pointers that are looked through.
        smart_pointers,
        /// Pointers that own.
        owners,
        /// Types that may point to what somebody else owns.
        borrowed,
        /// Condition variables.
        conditions,
        /// Wrappers whose contents the end of the program does not destroy.
        never_destroyed,
    }
}

lists! {
    /// Who calls a closure, and when.
    Closures {
        /// Before returning.
        sync,
        /// Before returning, on the queue in argument N (`name:N`).
        sync_on,
        /// Later or elsewhere.
        r#async,
        /// Later, on the queue in argument N.
        async_on,
        /// Ends of selectors that take a closure to be called later.
        async_selectors,
        /// C functions that no exception may pass.
        c_frames,
    }
}

lists! {
    /// What blocks without a bound.
    Waits {
        /// Names of calls and selectors.
        calls,
        /// Calls that wake who waits on a condition variable.
        notifies,
    }
}

lists! {
    /// Operations that may fail.
    Exchanges {
        /// Calls whose result says whether they did what they are for.
        may_fail,
    }
}

lists! {
    /// Objects that are ended by a call.
    States {
        /// The calls that end objects of a type (`Type:call`).
        ends,
        /// Calls that are allowed after that (`Type:call`, or `*:call`).
        after,
        /// Calls that open something on their receiver, which has to be ended before it.
        opens,
    }
}

lists! {
    /// What throws.
    Throws {
        /// Parts of names of macros that throw.
        macro_parts,
        /// Parts of names of macros that do not, all the same.
        macro_exceptions,
        /// Functions.
        functions,
        /// Conversions with a template argument that check their range.
        checked_conversions,
    }
}

lists! {
    /// Signal handlers.
    Signals {
        /// Functions that register one.
        registrars,
        /// Functions that a handler may call.
        safe,
    }
}

lists! {
    /// Resources.
    Resources {
        /// Calls whose result borrows their arguments' memory.
        borrowing,
        /// Calls that give a resource back.
        release,
    }
}

impl Config {
    /// The bundled lists, and those of a project's file. The error is a message with the place in that file.
    pub fn with(project: Option<&str>) -> Result<Self, String> {
        let mut config: Self = toml::from_str(DEFAULT).map_err(|error| format!("bundled lists: {error}"))?;
        if let Some(text) = project {
            let own: Self = toml::from_str(text).map_err(|error| error.to_string())?;
            config.macros.add(own.macros);
            config.types.add(own.types);
            config.closures.add(own.closures);
            config.waits.add(own.waits);
            config.throws.add(own.throws);
            config.signals.add(own.signals);
            config.resources.add(own.resources);
            config.exchanges.add(own.exchanges);
            config.states.add(own.states);
        }
        Ok(config)
    }

    /// How files are read.
    pub fn settings(&self) -> Settings {
        let undefined = self.macros.undefined.iter().map(|name| (name.clone(), false));
        let defined = self.macros.defined.iter().map(|name| (name.clone(), true));
        Settings {
            decorations: self.macros.decorations.clone(),
            macros: undefined.chain(defined).collect(),
            ..Settings::default()
        }
    }

    /// Whether a macro of this name throws.
    pub fn is_throwing_macro(&self, name: &str) -> bool {
        let capital = name.len() > 3 && !name.bytes().any(|byte| byte.is_ascii_lowercase());
        capital
            && self.throws.macro_parts.iter().any(|part| name.contains(part.as_str()))
            && !self.throws.macro_exceptions.iter().any(|part| name.contains(part.as_str()))
    }

    /// The queue argument that a list of `name:N` gives for a name.
    pub(crate) fn queue_argument(list: &HashSet<String>, name: &str) -> Option<usize> {
        list.iter().find_map(|entry| {
            let (known, number) = entry.rsplit_once(':')?;
            if known == name { number.parse().ok() } else { None }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_lists_can_be_read_and_added_to() {
        let config = Config::with(Some("[types]\nmutexes = [\"OurLock\"]\n")).expect("a configuration");
        assert!(config.types.mutexes.contains("OurLock") && config.types.mutexes.contains("mutex"));
        assert_eq!(Config::queue_argument(&config.closures.async_on, "dispatch_after"), Some(1));
        assert!(Config::with(Some("[types]\nmutex = []\n")).is_err());
    }

    #[test]
    fn checks_that_are_compiled_out_do_not_throw() {
        let config = Config::with(None).expect("a configuration");
        assert!(config.is_throwing_macro("MY_CHECK"));
        assert!(!config.is_throwing_macro("MY_ASSERT_DEBUG_ONLY"));
        assert!(!config.is_throwing_macro("checked"));
    }
}
