//! The whole program: classes, functions and globals of all files, and what a name means where it stands.
//!
//! There is no overload resolution and no template instantiation. A name is resolved as far as the sources say without
//! a compiler: by scope, by the class of the object, by the number of arguments. Where several functions remain, all are
//! meant; where nothing is known, nothing is guessed.

pub mod calls;
pub(crate) mod namesakes;
pub mod types;

use crate::config::Config;
use namesakes::Namesakes;
use native_syntax::Name;
use native_syntax::ir::{Function, FunctionKind, SourceFile, Span, Variable};
use rustc_hash::FxHashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// A function of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FnId(pub u32);

/// A class with all that was found about it.
#[derive(Debug, Default)]
pub struct Class<'p> {
    /// Bases as written.
    pub bases: Vec<Name>,
    /// Classes that name this one as a base.
    pub derived: Vec<Name>,
    /// Data members by simple name.
    pub members: FxHashMap<&'p str, Member<'p>>,
    /// Member functions by simple name.
    pub methods: FxHashMap<&'p str, Vec<FnId>>,
    /// File and place of its definition.
    pub file: usize,
}

/// A data member.
#[derive(Debug, Clone, Copy)]
pub struct Member<'p> {
    /// Its declaration.
    pub variable: &'p Variable,
    /// Index of the file that declares it.
    pub file: usize,
}

/// Where a function is.
#[derive(Debug, Clone, Copy)]
struct Slot {
    file: u32,
    index: u32,
}

/// What calls return, by the address of the expression and the depth of the question.
type CallTypes = FxHashMap<(usize, u32), Option<Name>>;

/// The program.
pub struct Program<'p> {
    /// Its files.
    pub files: &'p [Arc<SourceFile>],
    /// Configuration.
    pub config: &'p Config,
    /// Classes by qualified name.
    pub classes: FxHashMap<Name, Class<'p>>,
    slots: Vec<Slot>,
    first_of_file: Vec<u32>,
    classes_by_simple: FxHashMap<&'p str, Vec<Name>>,
    /// Classes that several source files define, each for itself, under one name.
    namesakes: Namesakes,
    functions_by_simple: FxHashMap<&'p str, Vec<FnId>>,
    globals: FxHashMap<&'p str, Vec<(usize, &'p Variable)>>,
    aliases: FxHashMap<&'p str, Name>,
    /// Class of each function, resolved.
    class_of: Vec<Option<Name>>,
    /// Flags of declarations, by qualified name and number of parameters.
    declared: FxHashMap<(Name, usize), FnId>,
    /// Local variables of each function by name, made when first asked for.
    locals: Vec<OnceLock<FxHashMap<Name, &'p Variable>>>,
    /// What calls in each function return, found when first asked for.
    call_types: Vec<Mutex<CallTypes>>,
    /// Whether a function makes the object that it returns, found when first asked for.
    makers: Vec<OnceLock<bool>>,
}

impl<'p> Program<'p> {
    /// Builds the tables.
    pub fn new(files: &'p [Arc<SourceFile>], config: &'p Config) -> Self {
        let mut program = Self {
            files,
            config,
            classes: FxHashMap::default(),
            slots: Vec::new(),
            first_of_file: Vec::new(),
            classes_by_simple: FxHashMap::default(),
            namesakes: Namesakes::new(files),
            functions_by_simple: FxHashMap::default(),
            globals: FxHashMap::default(),
            aliases: FxHashMap::default(),
            class_of: Vec::new(),
            declared: FxHashMap::default(),
            locals: Vec::new(),
            call_types: Vec::new(),
            makers: Vec::new(),
        };
        for (number, file) in files.iter().enumerate() {
            program.add_types(number, file);
        }
        program.link_bases();
        for (number, file) in files.iter().enumerate() {
            program.add_functions(number, file);
        }
        program.locals.resize_with(program.slots.len(), OnceLock::new);
        program.call_types.resize_with(program.slots.len(), Mutex::default);
        program.makers.resize_with(program.slots.len(), OnceLock::new);
        program
    }

    fn add_types(&mut self, number: usize, file: &'p SourceFile) {
        for ty in &file.types {
            for (alias, target) in &ty.aliases {
                self.aliases.entry(alias.last()).or_insert(*target);
            }
            if ty.name.is_empty() {
                continue;
            }
            let name = self.namesakes.in_file(ty.name, Some(number));
            if !self.classes.contains_key(&name) && name == ty.name {
                self.classes_by_simple.entry(name.last()).or_default().push(name);
            }
            let class = self.classes.entry(name).or_default();
            class.file = number;
            class.bases.extend(ty.bases.iter().filter(|base| !class.bases.contains(base)).copied().collect::<Vec<_>>());
            for variable in &ty.members {
                class.members.insert(variable.name.last(), Member { variable, file: number });
            }
        }
        for variable in &file.globals {
            self.globals.entry(variable.name.last()).or_default().push((number, variable));
        }
    }

    fn link_bases(&mut self) {
        let pairs: Vec<(Name, Name)> =
            self.classes.iter().flat_map(|(name, class)| class.bases.iter().map(|base| (*name, *base))).collect();
        for (name, base) in pairs {
            if let Some(base) = self.find_class(base.text(), Some(name))
                && base != name
                && let Some(class) = self.classes.get_mut(&base)
            {
                class.derived.push(name);
            }
        }
        for class in self.classes.values_mut() {
            class.derived.sort_unstable();
        }
    }

    fn add_functions(&mut self, number: usize, file: &'p SourceFile) {
        self.first_of_file.push(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        for (index, function) in file.functions.iter().enumerate() {
            let id = FnId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
            self.slots
                .push(Slot { file: u32::try_from(number).unwrap_or(0), index: u32::try_from(index).unwrap_or(0) });
            let class = function.class.and_then(|class| self.find_class_in(class.text(), None, Some(number)));
            self.class_of.push(class);
            if function.parent.is_some() {
                continue;
            }
            let simple = function.name.last();
            if function.body.is_none() {
                self.declared.insert((self.key(function, class), function.params.len()), id);
                continue;
            }
            self.functions_by_simple.entry(simple).or_default().push(id);
            if let Some(class) = class.and_then(|class| self.classes.get_mut(&class)) {
                class.methods.entry(simple).or_default().push(id);
            }
        }
    }

    fn key(&self, function: &Function, class: Option<Name>) -> Name {
        match class {
            Some(class) => Name::new(&format!("{class}::{}", function.name.last())),
            None => function.name,
        }
    }

    /// All functions and closures, declarations included.
    pub fn functions(&self) -> impl Iterator<Item = FnId> + use<> {
        (0..u32::try_from(self.slots.len()).unwrap_or(u32::MAX)).map(FnId)
    }

    /// How many functions there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is no function.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// A function.
    pub fn function(&self, id: FnId) -> &'p Function {
        let slot = self.slots[id.0 as usize];
        &self.files[slot.file as usize].functions[slot.index as usize]
    }

    /// The number of the file that a function is in.
    pub fn file_of(&self, id: FnId) -> usize {
        self.slots[id.0 as usize].file as usize
    }

    /// The file that a function is in.
    pub fn source(&self, id: FnId) -> &'p SourceFile {
        &self.files[self.file_of(id)]
    }

    /// A closure or function by its index in the file of another function.
    pub fn sibling(&self, of: FnId, index: u32) -> FnId {
        FnId(self.first_of_file[self.file_of(of)] + index)
    }

    /// The function that a closure stands in.
    pub fn parent(&self, id: FnId) -> Option<FnId> {
        self.function(id).parent.map(|parent| self.sibling(id, parent))
    }

    /// The innermost function or closure of a file around a place.
    pub fn function_at(&self, file: usize, span: Span) -> Option<FnId> {
        let functions = self.files.get(file)?.functions.iter().enumerate();
        let around = functions.filter(|(_, function)| function.body.is_some() && function.span.contains(span));
        let (index, _) = around.min_by_key(|(_, function)| function.span.end - function.span.start)?;
        Some(FnId(self.first_of_file[file] + u32::try_from(index).unwrap_or(0)))
    }

    /// The outermost function around a closure, or the function itself.
    pub fn outermost(&self, id: FnId) -> FnId {
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            at = parent;
        }
        at
    }

    /// The class of a member function or of a closure in one.
    pub fn class_of(&self, id: FnId) -> Option<Name> {
        self.class_of[id.0 as usize]
    }

    /// The name that reports use.
    pub fn display(&self, id: FnId) -> String {
        let function = self.function(id);
        match self.class_of(self.outermost(id)) {
            Some(class) if function.parent.is_none() => format!("{}::{}", class.last(), function.name.last()),
            _ if function.parent.is_some() => {
                let what = if function.kind == FunctionKind::Block { "block" } else { "lambda" };
                format!("{what} in {}", self.display(self.outermost(id)))
            }
            _ => short(function.name.text()).to_owned(),
        }
    }

    /// Flags of a function together with those of its declaration.
    pub fn is_virtual(&self, id: FnId) -> bool {
        self.with_declaration(id, |function| function.flags.is_virtual)
    }

    /// Whether a function can be called from its own class or file only.
    pub fn is_private(&self, id: FnId) -> bool {
        self.with_declaration(id, |function| function.flags.is_private)
    }

    /// Where a function is declared, or defined where no declaration is seen: the file, and its name.
    pub fn declaration(&self, id: FnId) -> (usize, Span) {
        let function = self.function(id);
        let key = (self.key(function, self.class_of(id)), function.params.len());
        let at = self.declared.get(&key).copied().unwrap_or(id);
        (self.file_of(at), self.function(at).name_span)
    }

    /// The default of a parameter, from the definition or the declaration.
    pub fn default_argument(&self, id: FnId, position: usize) -> Option<&'p native_syntax::ir::Expr> {
        let function = self.function(id);
        let own = function.params.get(position).and_then(|param| param.init.as_ref());
        own.or_else(|| {
            let key = (self.key(function, self.class_of(id)), function.params.len());
            let declared = self.declared.get(&key)?;
            self.function(*declared).params.get(position)?.init.as_ref()
        })
    }

    fn with_declaration(&self, id: FnId, of: impl Fn(&Function) -> bool) -> bool {
        let function = self.function(id);
        let key = (self.key(function, self.class_of(id)), function.params.len());
        of(function) || self.declared.get(&key).is_some_and(|declared| of(self.function(*declared)))
    }

    /// Declarations of a member function that has no body here, by class and name.
    fn declared_return(&self, class: Option<Name>, name: &str) -> Option<Name> {
        let key = match class {
            Some(class) => Name::new(&format!("{class}::{name}")),
            None => Name::new(name),
        };
        (0..8).find_map(|count| self.declared.get(&(key, count))).map(|id| self.function(*id).returns)
    }

    /// A class by its name as written, seen from another class or namespace.
    pub fn find_class(&self, written: &str, from: Option<Name>) -> Option<Name> {
        let file = from.and_then(|from| self.classes.get(&from)).map(|class| class.file);
        self.find_class_in(written, from, file)
    }

    /// A class by its name as written in a function.
    pub fn find_class_at(&self, id: FnId, written: &str) -> Option<Name> {
        self.find_class_in(written, self.class_of(id), Some(self.file_of(id)))
    }

    fn find_class_in(&self, written: &str, from: Option<Name>, file: Option<usize>) -> Option<Name> {
        self.any_class(written, from).map(|name| self.namesakes.in_file(name, file))
    }

    /// The same, whichever of several that have one name.
    fn any_class(&self, written: &str, from: Option<Name>) -> Option<Name> {
        let written = written.trim_start_matches("::");
        let exact = Name::new(written);
        if self.classes.contains_key(&exact) {
            return Some(exact);
        }
        let simple = native_syntax::name::last_part(written);
        let candidates = self.classes_by_simple.get(simple)?;
        let fits = |candidate: &&Name| {
            candidate.text().ends_with(written)
                && candidate.text()[..candidate.text().len() - written.len()].ends_with("::")
        };
        let mut fitting = candidates.iter().filter(fits);
        let first = *fitting.next()?;
        let Some(second) = fitting.next() else { return Some(first) };
        // Several: the one that shares most of the scope of whoever asks.
        let from = from.map_or("", Name::text);
        let shared = |name: &Name| name.text().bytes().zip(from.bytes()).take_while(|(a, b)| a == b).count();
        let all = [first, *second];
        all.into_iter().chain(fitting.copied()).max_by_key(|name| (shared(name), std::cmp::Reverse(name.text())))
    }

    /// A data member of a class or of one of its bases, with the class that declares it.
    pub fn member(&self, class: Name, name: &str) -> Option<(Name, Member<'p>)> {
        self.member_within(class, name, 8)
    }

    fn member_within(&self, class: Name, name: &str, depth: u32) -> Option<(Name, Member<'p>)> {
        let found = self.classes.get(&class)?;
        if let Some(member) = found.members.get(name) {
            return Some((class, *member));
        }
        let depth = depth.checked_sub(1)?;
        found.bases.iter().find_map(|base| {
            let base = self.find_class(base.text(), Some(class)).filter(|base| *base != class)?;
            self.member_within(base, name, depth)
        })
    }

    /// Whether a class is another one or derives from it.
    pub fn derives(&self, class: Name, base: Name, depth: u32) -> bool {
        class == base
            || depth > 0
                && self.classes.get(&class).is_some_and(|found| {
                    let bases = found.bases.iter().filter_map(|base| self.find_class(base.text(), Some(class)));
                    bases.filter(|found| *found != class).any(|found| self.derives(found, base, depth - 1))
                })
    }

    /// A global by its name as written; the one of the same file if there are several. A source file does not see what
    /// another one declares, unless a header declares it too or the name is qualified.
    pub fn global(&self, written: &str, file: usize) -> Option<&'p Variable> {
        let simple = native_syntax::name::last_part(written);
        let fits = |variable: &Variable| {
            let full = variable.name.text();
            full == written || full.ends_with(written) && full[..full.len() - written.len()].ends_with("::")
        };
        let candidates = self.globals.get(simple)?;
        let seen = |number: usize| number == file || written.contains("::") || is_header(&self.files[number].path);
        let mut fitting = candidates.iter().filter(|(number, variable)| seen(*number) && fits(variable));
        let first = fitting.next()?;
        let same = std::iter::once(first).chain(fitting).find(|(number, _)| *number == file);
        Some(same.unwrap_or(first).1)
    }

    /// All globals.
    pub fn globals(&self) -> impl Iterator<Item = (usize, &'p Variable)> + '_ {
        self.globals.values().flatten().copied()
    }

    /// Where a span is: file, line.
    pub fn line(&self, id: FnId, span: Span) -> u32 {
        self.source(id).line(span.start)
    }
}

fn is_header(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    extension.starts_with('h') || matches!(extension, "cuh" | "inl" | "ipp" | "inc")
}

/// The last two parts of a qualified name.
fn short(name: &str) -> &str {
    let mut parts = name.rmatch_indices("::");
    parts.next();
    parts.next().map_or(name, |(at, _)| &name[at + 2..])
}
