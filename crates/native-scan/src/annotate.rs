//! Inferred guards, written as annotations of Clang's thread-safety analysis.
//!
//! A member whose guard is a mutex of the same class gets `GUARDED_BY`, and a member function that requires such a mutex of
//! its callers gets `REQUIRES`, each at the declaration in the class, where Clang reads it. What cannot be said so is
//! counted: guards that are queues or belong to another class, declarators with brackets, functions whose declaration is
//! not in the program. Where the sources define the customary macros those are used, and the attributes themselves
//! otherwise. An annotation claims what was inferred from most uses; the compiler then finds the others.

use crate::analyses::{contracts_of, guards_of};
use crate::config::Config;
use crate::facts::Facts;
use crate::program::{FnId, Program};
use native_syntax::Name;
use native_syntax::ir::SourceFile;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A text that is put into a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Insertion {
    /// Index of the file.
    pub file: usize,
    /// Before this byte.
    pub offset: usize,
    /// What.
    pub text: String,
}

/// The annotations of a program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Annotations {
    /// What is to be put where, in order.
    pub insertions: Vec<Insertion>,
    /// Guards and requirements that cannot be written so.
    pub left_out: usize,
}

/// Infers guards and says where to write them. `texts` are those of the files, in the same order.
pub fn annotations(files: &[Arc<SourceFile>], texts: &[Vec<u8>], config: &Config, workers: usize) -> Annotations {
    crate::parallel::on_large_stack(|| {
        let program = Program::new(files, config);
        let facts = Facts::new(&program, workers);
        let mut writer = Writer { program: &program, texts, found: BTreeSet::new(), left_out: 0 };
        let defines = |name: &str| {
            let macros = format!("define {name}(");
            texts.iter().any(|text| String::from_utf8_lossy(text).contains(&macros))
        };
        let (guarded, required) = (defines("GUARDED_BY"), defines("REQUIRES"));
        for (place, guard) in guards_of(&facts) {
            let words = if guarded { ("GUARDED_BY(", ")") } else { ("__attribute__((guarded_by(", ")))") };
            writer.member(place, guard, words);
        }
        for (id, guard) in contracts_of(&facts) {
            let words = if required { ("REQUIRES(", ")") } else { ("__attribute__((requires_capability(", ")))") };
            writer.function(id, guard, words);
        }
        Annotations { insertions: writer.found.into_iter().collect(), left_out: writer.left_out }
    })
}

struct Writer<'a, 'p> {
    program: &'a Program<'p>,
    texts: &'a [Vec<u8>],
    found: BTreeSet<Insertion>,
    left_out: usize,
}

impl Writer<'_, '_> {
    fn member(&mut self, place: Name, guard: Name, words: (&str, &str)) {
        let spot = self.mutex_of(scope(place), guard).and_then(|mutex| {
            let class = self.program.find_class(scope(place), None)?;
            let member = self.program.classes.get(&class)?.members.get(place.last())?;
            let offset = member.variable.span.end as usize;
            let next = self.texts.get(member.file)?[offset..].iter().find(|byte| !byte.is_ascii_whitespace())?;
            // Behind the name of a plain declarator; an annotation that is there already begins with a letter.
            matches!(next, b';' | b'=' | b'{' | b',').then_some((member.file, offset, mutex))
        });
        self.put(spot, words);
    }

    fn function(&mut self, id: FnId, guard: Name, words: (&str, &str)) {
        let function = self.program.function(id);
        let spot = self.program.class_of(id).and_then(|class| {
            let mutex = self.mutex_of(class.text(), guard)?;
            let (file, name) = self.program.declaration(id);
            let text = self.texts.get(file)?;
            let written = text.get(name.start as usize..name.end as usize)?;
            let before = text.get(..name.start as usize)?;
            // A qualified name is a definition outside of the class, where Clang wants no attribute.
            if written.windows(2).any(|pair| pair == b"::") || before.ends_with(b"::") {
                return None;
            }
            let offset = after_head(text, name.end as usize)?;
            Some((file, offset, mutex))
        });
        if function.flags.is_annotated {
            return;
        }
        self.put(spot, words);
    }

    fn put(&mut self, spot: Option<(usize, usize, String)>, (before, after): (&str, &str)) {
        match spot {
            Some((file, offset, mutex)) => {
                self.found.insert(Insertion { file, offset, text: format!(" {before}{mutex}{after}") });
            }
            None => self.left_out += 1,
        }
    }

    /// The guard's name inside of a class, if it is a mutex of it.
    fn mutex_of(&self, class: &str, guard: Name) -> Option<String> {
        if scope(guard) != class {
            return None;
        }
        let class = self.program.find_class(class, None)?;
        let (_, member) = self.program.member(class, guard.last())?;
        let is_mutex = self.program.is_one_of(member.variable.ty, &self.program.config.types.mutexes);
        is_mutex.then(|| guard.last().to_owned())
    }
}

fn scope(name: Name) -> &'static str {
    name.text().rfind("::").map_or("", |cut| &name.text()[..cut])
}

/// The place behind a function's parameters and `const` and `noexcept`, where an attribute may stand; `None` if there is one
/// already, or something that is not understood.
fn after_head(text: &[u8], name_end: usize) -> Option<usize> {
    let open = name_end + text.get(name_end..)?.iter().position(|byte| !byte.is_ascii_whitespace())?;
    if text.get(open) != Some(&b'(') {
        return None;
    }
    let mut depth = 0_i32;
    let mut at = open;
    loop {
        match text.get(at)? {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    loop {
        let rest = text.get(at..)?;
        let blank = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let word = &rest[blank..];
        let length = word.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(word.len());
        match &word[..length] {
            b"const" | b"noexcept" => at += blank + length,
            b"override" | b"final" => return Some(at),
            b"" => return matches!(word[0], b';' | b'{' | b'=').then_some(at),
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotated(source: &str) -> (String, usize) {
        let config = Config::with(None).expect("a configuration");
        let text = source.as_bytes().to_vec();
        let files = vec![Arc::new(native_syntax::parse("a.cpp", &text, &config.settings()))];
        let found = annotations(&files, &[text], &config, 1);
        let mut out = source.to_owned();
        for insertion in found.insertions.iter().rev() {
            out.insert_str(insertion.offset, &insertion.text);
        }
        (out, found.left_out)
    }

    const SOURCE: &str = "#include <mutex>
#define GUARDED_BY(x)
class Pool {
  std::mutex m;
  int size = 0;
  int other[4];
  void grow() noexcept;
 public:
  void put() { std::lock_guard<std::mutex> g(m); ++size; other[0] = 1; grow(); }
  void take() { std::lock_guard<std::mutex> g(m); --size; other[0] = 2; }
};
void Pool::grow() noexcept { size += 2; }
";

    #[test]
    fn members_and_requirements_are_annotated_where_they_are_declared() {
        let (text, left_out) = annotated(SOURCE);
        assert!(text.contains("int size GUARDED_BY(m) = 0;"), "{text}");
        assert!(text.contains("void grow() noexcept __attribute__((requires_capability(m)));"), "{text}");
        assert!(text.contains("int other[4];"), "an attribute cannot stand before brackets: {text}");
        assert_eq!(left_out, 1, "{text}");
    }

    #[test]
    fn what_is_annotated_is_not_annotated_again() {
        let (once, _) = annotated(SOURCE);
        let (twice, _) = annotated(&once);
        assert_eq!(once, twice);
    }
}
