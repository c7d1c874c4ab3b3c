//! The order in which TLC keeps the variables of a state.
//!
//! It is not that of their declaration: the names of the root module stand in a `java.util.Hashtable`, and the variables
//! come out of it by the remainder of their hash. Nothing but the least state of an orbit depends on it, and that only
//! where a view hides a part of the state; there the counts are TLC's with this order alone. The table doubles when it is
//! three quarters full, so what has to be known besides the variables is how many names there are: those of the language
//! as SANY counts them, of the module, of what it extends, and `I!Op` for each operator of a named instance. Variables whose
//! remainders are equal are rare; they keep the order of declaration.

use super::Builder;
use crate::resolve::scope::{ModuleInfo, Symbol};

/// Names that every module has in SANY.
const NAMES_OF_THE_LANGUAGE: usize = 72;

/// Places of a new `Hashtable`.
const FIRST_CAPACITY: u64 = 11;

/// `String.hashCode`, by UTF-16 units.
fn java_hash(name: &str) -> u32 {
    name.encode_utf16().fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

/// Places of the table when it holds so many names.
fn capacity(names: usize) -> u64 {
    let mut capacity = FIRST_CAPACITY;
    while names as u64 > capacity * 3 / 4 {
        capacity = 2 * capacity + 1;
    }
    capacity
}

/// The indices of the names in the order in which they come out of a table that holds so many.
fn order<'n>(variables: impl Iterator<Item = &'n str>, names: usize) -> Vec<usize> {
    let capacity = capacity(names);
    let mut places: Vec<(u64, usize)> = variables
        .enumerate()
        .map(|(index, name)| (u64::from(java_hash(name) & 0x7fff_ffff) % capacity, index))
        .collect();
    places.sort_unstable();
    places.into_iter().map(|(_, index)| index).collect()
}

fn is_operator(symbol: &Symbol<'_>) -> bool {
    match symbol {
        Symbol::Operator(..) | Symbol::Builtin(..) | Symbol::Opaque(_) | Symbol::Imported(..) => true,
        Symbol::Constant(..)
        | Symbol::Variable(..)
        | Symbol::Instance(..)
        | Symbol::Statement(..)
        | Symbol::Module(_) => false,
    }
}

fn exported_operators(module: &ModuleInfo<'_>) -> usize {
    module.scope.values().filter(|entry| entry.exported && is_operator(&entry.symbol)).count()
}

impl Builder<'_> {
    /// The variables in TLC's order.
    pub(super) fn order_of_variables(&mut self) -> Vec<usize> {
        let root = self.resolver.modules.module(self.root);
        let variables = root.variables.clone();
        let mut names = NAMES_OF_THE_LANGUAGE + root.scope.len();
        let instances = root.scope.values().filter_map(|entry| match &entry.symbol {
            Symbol::Instance(home, _, instance) => Some((*home, instance.module.name.clone())),
            _ => None,
        });
        for (home, module) in instances.collect::<Vec<_>>() {
            // What cannot be found was told before.
            if let Some(module) = self.resolver.modules.find(&module, Some(home), &mut Vec::new()) {
                names += exported_operators(self.resolver.modules.module(module));
            }
        }
        order(variables.iter().map(|(name, _)| &**name), names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from SANY: 73 names in a module with a variable, 121 and 158 in larger ones.
    #[test]
    fn the_table_has_the_size_of_javas() {
        assert_eq!((capacity(73), capacity(121), capacity(143)), (191, 191, 191));
        assert_eq!((capacity(144), capacity(158), capacity(288)), (383, 383, 767));
    }

    #[test]
    fn variables_come_out_by_their_hashes() {
        assert_eq!(java_hash("val"), 116_513);
        assert_eq!(order(["val", "sent", "last"].into_iter(), 121), [0, 2, 1]);
        assert_eq!(order(["x", "q"].into_iter(), 100), [1, 0]);
    }
}
