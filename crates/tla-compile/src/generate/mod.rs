//! From the resolved tree to Cranelift's intermediate code.
//!
//! The generator is an abstract interpreter: it walks the tree as the evaluator does, in the same order, and what the
//! evaluator would compute it computes at once where the operands are known (by asking the evaluator itself) and emits
//! code for where they are not. A [`Val`](value::Val) is what the generator knows of a value: a constant, an integer
//! with bounds, words or cells of a [shape](crate::shape::Shape), or parts that were not put together yet.
//!
//! There is no second semantics: whatever is undefined, does not fit a shape or is not worth code at run time leaves
//! through one door ([`Generator::bail`]), behind which the interpreter does the whole state again. What cannot be
//! compiled at all is [`Declined`] with its place.

mod action;
mod application;
mod compare;
mod condition;
mod expression;
pub mod facts;
mod fit;
mod function;
mod iterate;
mod primitive;
pub(crate) mod routine;
mod sequence;
mod set;
mod state;
mod steady;
mod value;
mod ways;

use crate::row::Row;
use crate::shape::layout::NoLayout;
use crate::shape::{Guess, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    Block, BlockArg, InstBuilder, MemFlags, StackSlot, StackSlotData, StackSlotKind, Value as V, types,
};
use cranelift_frontend::FunctionBuilder;
use cranelift_jit::JITModule;
use facts::Facts;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::eval::Machine;
use tla_model::ir::{DefinitionId, Lambda, Node, SlotIndex};
use tla_model::model::Model;
use tla_syntax::Span;
use value::Val;

/// What cannot be compiled, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Declined {
    /// Why, in words.
    pub reason: String,
    /// The expression.
    pub span: Option<Span>,
}

/// Result of generating code.
pub(crate) type Gen<T> = Result<T, Box<Declined>>;

pub(crate) fn declined<T>(span: Option<Span>, reason: impl Into<String>) -> Gen<T> {
    Err(Box::new(Declined { reason: reason.into(), span }))
}

/// Deepest nesting of calls that are written out.
const DEEPEST: u32 = 120;

/// Most nodes of the tree that are visited for one model: bounds time and memory of compilation.
const MOST_VISITS: u64 = 1_500_000;

/// Most cells of the temporaries of one function: 8 MiB of a stack of which a recursion may use eight times as much.
const MOST_TEMPORARY_CELLS: u64 = 1 << 20;

/// Statuses of generated functions, in the low bits of the result; the number of a reason stands above.
pub(crate) mod status {
    /// Done, everything holds.
    pub(crate) const FINE: i64 = 0;
    /// The interpreter has to look at it.
    pub(crate) const ODD: i64 = 1;
    /// More room for successors is needed.
    pub(crate) const FULL: i64 = 2;
    /// A constraint excludes the state.
    pub(crate) const OUTSIDE: i64 = 3;
    /// Bits of the status.
    pub(crate) const BITS: u32 = 2;
}

/// What generated functions of one model share while they are generated.
pub(crate) struct Shared<'m> {
    pub(crate) model: &'m Model,
    pub(crate) machine: Machine<'m>,
    pub(crate) row: &'m Row,
    pub(crate) facts: Facts,
    /// Read-only data of the generated code.
    pub(crate) tables: Vec<Box<[u64]>>,
    known_tables: FxHashMap<Vec<u64>, usize>,
    /// Layouts that were asked for: one of a set lists and sorts all possible elements.
    shapes: FxHashMap<Guess, Result<Shape, NoLayout>>,
    /// Why code leaves to the interpreter.
    pub(crate) reasons: Vec<(Option<Span>, &'static str)>,
    visits: u64,
    /// Words of a view's value.
    pub(crate) view_words: usize,
    /// Number of each action, by the address of its node.
    pub(crate) action_number: &'m dyn Fn(&Node) -> u32,
    /// Recursive operators that became functions.
    pub(crate) routines: Vec<routine::Routine>,
}

impl<'m> Shared<'m> {
    pub(crate) fn new(
        model: &'m Model,
        machine: Machine<'m>,
        row: &'m Row,
        action_number: &'m dyn Fn(&Node) -> u32,
    ) -> Self {
        Self {
            model,
            machine,
            row,
            facts: Facts::default(),
            tables: Vec::new(),
            known_tables: FxHashMap::default(),
            shapes: FxHashMap::default(),
            reasons: Vec::new(),
            visits: 0,
            view_words: 0,
            action_number,
            routines: Vec::new(),
        }
    }

    /// The address of a table with these words.
    fn table(&mut self, words: &[u64]) -> i64 {
        let index = match self.known_tables.get(words) {
            Some(index) => *index,
            None => {
                self.tables.push(words.into());
                self.known_tables.insert(words.to_vec(), self.tables.len() - 1);
                self.tables.len() - 1
            }
        };
        self.tables[index].as_ptr() as usize as i64
    }

    fn shape(&mut self, guess: &Guess, span: Option<Span>) -> Gen<Shape> {
        let known = match self.shapes.get(guess) {
            Some(known) => known,
            None => {
                let found = Shape::of(guess, &self.model.names);
                self.shapes.entry(guess.clone()).or_insert(found)
            }
        };
        known.clone().or_else(|error| declined(span, error.to_string()))
    }
}

/// Bound names and parameters.
#[derive(Clone)]
pub(crate) struct Env<'m> {
    owner: DefinitionId,
    slots: Rc<Vec<Option<Binding<'m>>>>,
}

/// What a slot stands for.
#[derive(Clone)]
pub(crate) enum Binding<'m> {
    Val(Val),
    Delayed(&'m Node, Env<'m>),
    Lambda(&'m Lambda, Env<'m>),
}

impl<'m> Env<'m> {
    fn get(&self, slot: SlotIndex) -> Option<&Binding<'m>> {
        self.slots.get(slot as usize).and_then(Option::as_ref)
    }

    #[must_use]
    fn with(&self, slot: SlotIndex, binding: Binding<'m>) -> Self {
        let mut env = self.clone();
        let slots = Rc::make_mut(&mut env.slots);
        if slots.len() <= slot as usize {
            slots.resize(slot as usize + 1, None);
        }
        slots[slot as usize] = Some(binding);
        env
    }
}

/// Where a variable's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The state before.
    From,
    /// The state after.
    To,
}

/// Something that was computed in a block that dominates the present one.
enum Known {
    Variable(Side, u32),
    Delayed(usize, usize),
    Definition(DefinitionId, bool),
}

struct Cached<'m> {
    key: Known,
    val: Val,
    /// Keeps the addresses of the key from being used again.
    _env: Option<Env<'m>>,
}

/// How primed variables are read.
enum Next {
    /// There are none: a state is looked at.
    None,
    /// From the second row.
    Row,
    /// As far as they were assigned.
    Assigned(Vec<Option<action::Assigned>>),
}

/// Generates one function.
pub(crate) struct Generator<'m, 'f> {
    b: FunctionBuilder<'f>,
    shared: &'f mut Shared<'m>,
    module: &'f mut JITModule,
    /// Pointer to the [frame](crate::machine::Frame).
    frame: V,
    from: V,
    to: V,
    /// The last argument of the function.
    flag_param: V,
    /// Which row unprimed variables are read from.
    side: Side,
    next: Next,
    splitting: bool,
    /// Whether it is unprimed variables that are assigned.
    initial: bool,
    leaf: Option<&'m Node>,
    exit: Block,
    cache: Vec<Cached<'m>>,
    /// What stays the same in the loops around.
    steady: Vec<steady::Steady<'m>>,
    /// Cells of the function's temporaries, which lie on the stack of whoever runs it.
    temporary_cells: u64,
    depth: u32,
    /// Calls of recursive operators that are being written out.
    open: Vec<routine::Open>,
    /// The recursive operator whose code this is.
    routine: Option<routine::Routine>,
    /// Recursive operators whose shapes are being found.
    rehearsals: Vec<routine::Rehearsal>,
    /// Whether vacuity marks are set.
    recording: bool,
    /// Where the code belongs, for messages.
    span: Option<Span>,
}

fn trusted() -> MemFlags {
    MemFlags::trusted()
}

fn fixed() -> MemFlags {
    MemFlags::trusted().with_readonly().with_can_move()
}

impl<'m, 'f> Generator<'m, 'f> {
    fn int(&mut self, value: i64) -> V {
        self.b.ins().iconst(types::I64, value)
    }

    fn word(&mut self, value: u64) -> V {
        self.int(value as i64)
    }

    fn flag(&mut self, value: bool) -> V {
        self.b.ins().iconst(types::I8, i64::from(value))
    }

    fn visit(&mut self, node: &Node) -> Gen<()> {
        self.shared.visits += 1;
        self.span = Some(node.span);
        if self.shared.visits > MOST_VISITS {
            return declined(Some(node.span), "the specification unfolds to too much code");
        }
        Ok(())
    }

    /// Leaves to the interpreter. What follows is never executed.
    fn bail(&mut self, why: &'static str) {
        let number = self.reason(why);
        let code = self.int(status::ODD | number << status::BITS);
        let exit = self.exit;
        self.b.ins().jump(exit, &[BlockArg::Value(code)]);
        let dead = self.b.create_block();
        self.b.switch_to_block(dead);
    }

    fn reason(&mut self, why: &'static str) -> i64 {
        let reason = (self.span, why);
        let known = self.shared.reasons.iter().position(|known| *known == reason);
        known.unwrap_or_else(|| {
            self.shared.reasons.push(reason);
            self.shared.reasons.len() - 1
        }) as i64
    }

    /// Leaves to the interpreter unless the flag is set.
    fn bail_unless(&mut self, flag: V, why: &'static str) {
        let number = self.reason(why);
        let go_on = self.b.create_block();
        let leave = self.b.create_block();
        self.b.set_cold_block(leave);
        self.b.ins().brif(flag, go_on, &[], leave, &[]);
        self.b.switch_to_block(leave);
        let code = self.int(status::ODD | number << status::BITS);
        let exit = self.exit;
        self.b.ins().jump(exit, &[BlockArg::Value(code)]);
        self.b.switch_to_block(go_on);
    }

    fn jump(&mut self, block: Block) {
        self.b.ins().jump(block, &[]);
    }

    fn jump_with(&mut self, block: Block, value: V) {
        self.b.ins().jump(block, &[BlockArg::Value(value)]);
    }

    /// A block with one parameter.
    fn block_with(&mut self, kind: types_alias::Type) -> (Block, V) {
        let block = self.b.create_block();
        let param = self.b.append_block_param(block, kind);
        (block, param)
    }

    /// Generates code that is never executed, to learn what comes out of it.
    fn rehearse<R>(&mut self, run: impl FnOnce(&mut Self) -> Gen<R>) -> Gen<R> {
        let resume = self.b.create_block();
        self.jump(resume);
        let dead = self.b.create_block();
        self.b.switch_to_block(dead);
        let mark = self.cache.len();
        let result = run(self);
        self.cache.truncate(mark);
        self.b.ins().trap(cranelift_codegen::ir::TrapCode::unwrap_user(1));
        self.b.switch_to_block(resume);
        result
    }

    /// Memory for a value of so many cells.
    fn temp(&mut self, cells: u32) -> V {
        let slot = self.slot_of(cells);
        self.b.ins().stack_addr(types::I64, slot, 0)
    }

    fn slot_of(&mut self, cells: u32) -> StackSlot {
        self.temporary_cells = self.temporary_cells.saturating_add(u64::from(cells));
        self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, cells * 8, 3))
    }

    fn load(&mut self, at: V, cell: u32) -> V {
        self.b.ins().load(types::I64, trusted(), at, (cell * 8) as i32)
    }

    fn put(&mut self, at: V, cell: u32, word: V) {
        self.b.ins().store(trusted(), word, at, (cell * 8) as i32);
    }

    fn table(&mut self, words: &[u64]) -> V {
        let address = self.shared.table(words);
        self.int(address)
    }

    /// Reads a table at an index that lies inside of it.
    fn look_up(&mut self, words: &[u64], index: V) -> V {
        let table = self.table(words);
        let offset = self.b.ins().ishl_imm(index, 3);
        let at = self.b.ins().iadd(table, offset);
        self.b.ins().load(types::I64, fixed(), at, 0)
    }

    fn widen(&mut self, flag: V) -> V {
        self.b.ins().uextend(types::I64, flag)
    }

    fn forget_to(&mut self, mark: usize) {
        self.cache.truncate(mark);
    }

    fn shape(&mut self, guess: &Guess) -> Gen<Shape> {
        self.shared.shape(guess, self.span)
    }
}

mod types_alias {
    pub(super) use cranelift_codegen::ir::Type;
}

impl<'m, 'f> Generator<'m, 'f> {
    /// Generates a function around its body.
    pub(crate) fn generate(
        b: FunctionBuilder<'f>,
        shared: &'f mut Shared<'m>,
        module: &'f mut JITModule,
        body: impl FnOnce(&mut Self) -> Gen<()>,
    ) -> Gen<()> {
        Self::around(b, shared, module, |g, _| body(g))
    }

    /// Generates a function of any number of parameters around its body.
    fn around(
        mut b: FunctionBuilder<'f>,
        shared: &'f mut Shared<'m>,
        module: &'f mut JITModule,
        body: impl FnOnce(&mut Self, &[V]) -> Gen<()>,
    ) -> Gen<()> {
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        let exit = b.create_block();
        let result = b.append_block_param(exit, types::I64);
        b.switch_to_block(entry);
        let params = b.block_params(entry).to_vec();
        let (frame, from, to, flag) = (params[0], params[1], params[2], params[3]);
        let mut generator = Self {
            b,
            shared,
            module,
            frame,
            from,
            to,
            flag_param: flag,
            side: Side::From,
            next: Next::None,
            splitting: false,
            initial: false,
            leaf: None,
            exit,
            cache: Vec::new(),
            steady: Vec::new(),
            temporary_cells: 0,
            depth: 0,
            open: Vec::new(),
            routine: None,
            rehearsals: Vec::new(),
            recording: false,
            span: None,
        };
        body(&mut generator, &params)?;
        if generator.temporary_cells > MOST_TEMPORARY_CELLS {
            return declined(generator.span, "the values on the way would take too much memory");
        }
        generator.b.switch_to_block(exit);
        generator.b.ins().return_(&[result]);
        generator.b.seal_all_blocks();
        generator.b.finalize();
        Ok(())
    }

    fn finish(&mut self, status: i64) {
        let code = self.int(status);
        let exit = self.exit;
        self.jump_with(exit, code);
    }

    /// Code that finds out whether all of some predicates on the second state hold; leaves to the interpreter if one
    /// does not. Without the flag, those are left out whose variables are the same in both rows.
    pub(crate) fn invariants(&mut self, conjuncts: &[(DefinitionId, &'m Node, Option<&[usize]>)]) -> Gen<()> {
        self.side = Side::To;
        self.recording = true;
        for (owner, node, reads) in conjuncts {
            let env = self.env_of(*owner);
            let next = self.b.create_block();
            let mark = self.cache.len();
            if let Some(reads) = reads {
                let mut same = value::Truth::Known(true);
                for variable in *reads {
                    let this = self.same_in_rows(*variable as u32);
                    same = self.and(same, this);
                }
                let flag = self.truth_flag(same);
                let all = self.b.ins().icmp_imm(IntCC::NotEqual, self.flag_param, 0);
                let skip = self.b.ins().band_not(flag, all);
                let look = self.b.create_block();
                self.b.ins().brif(skip, next, &[], look, &[]);
                self.b.switch_to_block(look);
            }
            let broken = self.b.create_block();
            self.cond(node, &env, next, broken)?;
            self.b.switch_to_block(broken);
            self.span = Some(node.span);
            self.bail("an invariant is false");
            self.jump(next);
            self.forget_to(mark);
            self.b.switch_to_block(next);
        }
        self.finish(status::FINE);
        Ok(())
    }

    /// Code that finds out whether all of some predicates on the second state hold; leaves to the interpreter if one does
    /// not.
    pub(crate) fn state_predicates(&mut self, formulas: &[(DefinitionId, &'m Node)]) -> Gen<()> {
        self.side = Side::To;
        self.steps_of(formulas)
    }

    /// Code that writes the value of a view of the second state; gives its layout.
    pub(crate) fn view(&mut self, owner: DefinitionId, node: &'m Node) -> Gen<Row> {
        self.side = Side::To;
        let env = self.env_of(owner);
        let val = self.eval(node, &env)?;
        let guess = self.guess(&val)?;
        let shape = self.shape(&guess)?;
        let row = Row::new(vec![shape.clone()]);
        let cells = match self.in_shape(&val, &shape)? {
            Val::Cells(at, _) => (0..shape.cells()).map(|cell| self.load(at, cell)).collect(),
            narrow => {
                let (fits, word) = self.fit(&narrow, &shape)?;
                self.must(fits);
                vec![word]
            }
        };
        let mut chunks: Vec<Option<V>> = vec![None; row.chunks as usize];
        for (place, word) in row.places[0].iter().zip(cells) {
            let word = if place.at == 0 { word } else { self.b.ins().ishl_imm(word, i64::from(place.at)) };
            let chunk = &mut chunks[place.chunk as usize];
            *chunk = Some(match chunk.take() {
                None => word,
                Some(other) => self.b.ins().bor(other, word),
            });
        }
        let frame = self.frame;
        let cursor = self.b.ins().load(types::I64, trusted(), frame, crate::machine::CURSOR * 8);
        for (chunk, word) in chunks.into_iter().enumerate() {
            let word = match word {
                Some(word) => word,
                None => self.int(0),
            };
            let offset = (chunk * 8) as i32;
            if 2 * chunk as u32 + 1 < row.words {
                self.b.ins().store(trusted(), word, cursor, offset);
            } else {
                self.b.ins().istore32(trusted(), word, cursor, offset);
            }
        }
        self.shared.view_words = row.words as usize;
        self.finish(status::FINE);
        Ok(row)
    }

    /// Code that finds out whether the second state is inside of the model.
    pub(crate) fn constraints(
        &mut self,
        states: &[(DefinitionId, &'m Node)],
        steps: &[(DefinitionId, &'m Node)],
    ) -> Gen<()> {
        let outside = self.b.create_block();
        self.side = Side::To;
        for (owner, node) in states {
            let env = self.env_of(*owner);
            let next = self.b.create_block();
            self.cond(node, &env, next, outside)?;
            self.b.switch_to_block(next);
        }
        // An initial state is no step.
        let (initial, step) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(self.flag_param, initial, &[], step, &[]);
        self.b.switch_to_block(initial);
        self.finish(status::FINE);
        self.b.switch_to_block(step);
        self.cache.clear();
        self.side = Side::From;
        self.next = Next::Row;
        for (owner, node) in steps {
            let env = self.env_of(*owner);
            let next = self.b.create_block();
            self.cond(node, &env, next, outside)?;
            self.b.switch_to_block(next);
        }
        self.finish(status::FINE);
        self.b.switch_to_block(outside);
        self.finish(status::OUTSIDE);
        Ok(())
    }

    /// Code that finds out whether all of some predicates on the step hold; leaves to the interpreter if one does not.
    pub(crate) fn steps(&mut self, formulas: &[(DefinitionId, &'m Node)]) -> Gen<()> {
        self.next = Next::Row;
        self.steps_of(formulas)
    }

    fn steps_of(&mut self, formulas: &[(DefinitionId, &'m Node)]) -> Gen<()> {
        for (owner, node) in formulas {
            let env = self.env_of(*owner);
            let (next, broken) = (self.b.create_block(), self.b.create_block());
            self.cond(node, &env, next, broken)?;
            self.b.switch_to_block(broken);
            self.span = Some(node.span);
            self.bail("a property is false");
            self.jump(next);
            self.b.switch_to_block(next);
        }
        self.finish(status::FINE);
        Ok(())
    }
}
