//! What a solver answers: symbols, numbers and lists.

use num_bigint::BigInt;

/// An S-expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sexpr {
    /// A symbol, number or string.
    Word(String),
    /// A list.
    List(Vec<Sexpr>),
}

/// Reads all expressions of a text. `None` if it ends inside of one.
pub fn read(text: &str) -> Option<Vec<Sexpr>> {
    let mut stack: Vec<Vec<Sexpr>> = vec![Vec::new()];
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        match first {
            '(' => stack.push(Vec::new()),
            ')' => {
                let list = stack.pop()?;
                stack.last_mut()?.push(Sexpr::List(list));
            }
            ';' => while rest.next_if(|c| *c != '\n').is_some() {},
            c if c.is_whitespace() => {}
            quote @ ('|' | '"') => {
                let mut word = String::new();
                loop {
                    match rest.next()? {
                        c if c == quote => break,
                        c => word.push(c),
                    }
                }
                stack.last_mut()?.push(Sexpr::Word(word));
            }
            c => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| !c.is_whitespace() && !"()\"|;".contains(*c)) {
                    word.push(c);
                }
                stack.last_mut()?.push(Sexpr::Word(word));
            }
        }
    }
    let all = stack.pop()?;
    stack.is_empty().then_some(all)
}

impl Sexpr {
    /// The integer that it is: `5`, `(- 5)`.
    pub fn integer(&self) -> Option<BigInt> {
        match self {
            Self::Word(word) => word.parse().ok(),
            Self::List(parts) => match &parts[..] {
                [Self::Word(minus), value] if minus == "-" => Some(-value.integer()?),
                _ => None,
            },
        }
    }

    /// The truth value that it is.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Word(word) if word == "true" => Some(true),
            Self::Word(word) if word == "false" => Some(false),
            _ => None,
        }
    }

    /// The set of integers that an array of truth values is, if it is finite: `store`s into `false` everywhere.
    pub fn integers(&self) -> Option<Vec<BigInt>> {
        let Self::List(parts) = self else { return None };
        match &parts[..] {
            [Self::List(constant), element] => {
                let is = |index: usize, word: &str| constant.get(index) == Some(&Self::Word(word.to_owned()));
                (is(0, "as") && is(1, "const") && element.truth() == Some(false)).then(Vec::new)
            }
            [Self::Word(store), array, index, element] if store == "store" => {
                let (mut all, index) = (array.integers()?, index.integer()?);
                all.retain(|known| *known != index);
                if element.truth()? {
                    all.push(index);
                }
                Some(all)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let all = read("((x@0 (- 12)) (|a b| true)) ; end\n unsat").expect("whole");
        assert_eq!(all.len(), 2);
        let Sexpr::List(pairs) = &all[0] else { panic!("{all:?}") };
        let Sexpr::List(first) = &pairs[0] else { panic!("{all:?}") };
        assert_eq!(first[1].integer(), Some(BigInt::from(-12)));
        assert_eq!(all[1], Sexpr::Word("unsat".to_owned()));
    }

    #[test]
    fn what_ends_early_is_no_answer() {
        assert_eq!(read("((x 1)"), None);
        assert_eq!(read("x)"), None);
    }

    #[test]
    fn finite_sets_are_read_and_infinite_ones_are_not() {
        let of = |text: &str| read(text).expect("whole")[0].integers();
        let array = "(store (store (store ((as const (Array Int Bool)) false) 3 true) (- 1) true) 3 false)";
        assert_eq!(of(array), Some(vec![BigInt::from(-1)]));
        assert_eq!(of("((as const (Array Int Bool)) true)"), None);
    }
}
