//! The one room with `unsafe`: making code executable and calling it.
//!
//! Generated code touches four kinds of memory, and every access is bounded by construction. *Rows* are read at offsets
//! below the number of words that the [layout](crate::row::Row) has, and callers pass slices of that length. The
//! *buffer* of successors is written at the cursor, after a test that a whole row fits below the limit. *Tables* are
//! read at an index that was masked to, or is known to lie within, the length of the table. *Temporaries* are stack
//! slots of the generated function, whose cells are addressed by constants, or by an index that was compared with the
//! number of parts before. Nothing of generated code survives the [`Code`] that owns it.

#![allow(unsafe_code)]

use crate::generate::routine::signature;
use crate::generate::{Declined, Gen, Generator, Shared, declined};
use cranelift_codegen::ir::{AbiParam, UserFuncName, types};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Linkage, Module, default_libcall_names};
use tla_syntax::Span;

/// Cell of the [`Frame`] with the address of the next row.
pub(crate) const CURSOR: i32 = 0;
/// Cell of the frame with the end of the buffer.
pub(crate) const LIMIT: i32 = 1;
/// Cell of the frame with the address of the vacuity marks.
pub(crate) const MARKS: u32 = 2;
/// Cell of the frame with the address below which the stack must not reach.
pub(crate) const STACK: i32 = 3;
/// Stack that recursive operators may use, in bytes. Threads that run generated code have several times as much.
const STACK_BYTES: usize = 64 << 20;
/// Most words of the buffer of successors, 16 MiB for each worker; a state that has more is the interpreter's, which hands
/// them over one by one.
const MOST_OF_A_STATE: usize = 1 << 22;
/// The same of all initial states, which one worker finds: 512 MiB.
const MOST_INITIAL: usize = 1 << 27;
/// Words before a row in the buffer: the number of the action.
pub(crate) const HEADER: u32 = 1;

/// What a worker lends to generated code.
#[repr(C)]
#[derive(Debug)]
struct Frame {
    cursor: *mut u32,
    limit: *mut u32,
    marks: *mut u8,
    /// Only compared with, never followed.
    stack: usize,
}

impl Frame {
    fn new(room: std::ops::Range<*mut u32>, marks: *mut u8) -> Self {
        let here = 0u8;
        let stack = (&raw const here as usize).saturating_sub(STACK_BYTES);
        Self { cursor: room.start, limit: room.end, marks, stack }
    }
}

type Entry = unsafe extern "C" fn(*mut Frame, *const u32, *const u32, i64) -> i64;

/// Which function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    /// Successors of a state.
    Successors,
    /// Invariants of a state.
    Invariants,
    /// Constraints of a step.
    Constraints,
    /// Action properties of a step.
    Steps,
    /// Initial states.
    Initial,
    /// Properties of initial states.
    InitialProperties,
    /// The value of a view.
    View,
}

/// Number of functions.
const FUNCTIONS: usize = 7;

/// Executable code of a model.
pub(crate) struct Code {
    module: Option<JITModule>,
    entries: [Option<Entry>; FUNCTIONS],
    /// Read by the code; never moved or changed.
    _tables: Vec<Box<[u64]>>,
    /// Why code leaves to the interpreter.
    pub(crate) reasons: Vec<(Option<Span>, &'static str)>,
    row_words: usize,
    view_words: usize,
    marks: usize,
}

// SAFETY: after construction the module is only kept alive and freed; the entries are code that keeps all of its state
// in its arguments and its own stack, and the tables are never written.
unsafe impl Send for Code {}
// SAFETY: as above; `&Code` gives access to nothing that can be changed.
unsafe impl Sync for Code {}

impl Drop for Code {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: entries are private and called only through `&self`, so none is running or can be called again.
            unsafe { module.free_memory() };
        }
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Code").field("row_words", &self.row_words).finish_non_exhaustive()
    }
}

/// Memory that a worker lends to generated code.
#[derive(Debug)]
pub(crate) struct Lent {
    /// Successors: for each a header and a row.
    pub(crate) buffer: Vec<u32>,
    /// A byte for each vacuity mark.
    pub(crate) marks: Vec<u8>,
}

/// What a generated function said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// All is well; so many words of the buffer are used.
    Fine(usize),
    /// The interpreter has to look, for the reason with this number; `usize::MAX` where the buffer became too long.
    Odd(usize),
    /// The state is outside of the model.
    Outside,
}

impl Code {
    /// Memory for a worker.
    pub(crate) fn lend(&self) -> Lent {
        let row = self.row_words + HEADER as usize;
        Lent { buffer: vec![0; row * 64], marks: vec![0; self.marks.max(1)] }
    }

    /// Whether there is such a function.
    pub(crate) fn has(&self, function: Function) -> bool {
        self.entries[function as usize].is_some()
    }

    /// Writes the value of the view of a state; whether that could be done.
    pub(crate) fn view(&self, state: &[u32], value: &mut [u32]) -> bool {
        let Some(entry) = self.entries[Function::View as usize] else { return false };
        assert!(state.len() == self.row_words && value.len() == self.view_words);
        let mut mark = 0;
        let room = value.as_mut_ptr_range();
        let mut frame = Frame::new(room, &raw mut mark);
        // SAFETY: the row has the length that the code was generated for; the code writes the words of the view's value
        // at the cursor, as many as were asserted, and sets no marks. All outlive the call.
        let result = unsafe { entry(&raw mut frame, state.as_ptr(), state.as_ptr(), 0) };
        result == crate::generate::status::FINE
    }

    /// Runs a function on two rows.
    pub(crate) fn run(&self, function: Function, lent: &mut Lent, from: &[u32], to: &[u32], flag: bool) -> Said {
        use crate::generate::status;
        let Some(entry) = self.entries[function as usize] else { return Said::Fine(0) };
        assert!(from.len() == self.row_words && to.len() == self.row_words && lent.marks.len() >= self.marks);
        loop {
            let room = lent.buffer.as_mut_ptr_range();
            let mut frame = Frame::new(room.clone(), lent.marks.as_mut_ptr());
            // SAFETY: the rows have the length that the code was generated for, as was just asserted; the buffer
            // reaches from cursor to limit; the marks are at least as many as the code knows. All outlive the call.
            let result = unsafe { entry(&raw mut frame, from.as_ptr(), to.as_ptr(), i64::from(flag)) };
            let used = (frame.cursor as usize - room.start as usize) / size_of::<u32>();
            match result & ((1 << status::BITS) - 1) {
                status::FINE => return Said::Fine(used),
                status::FULL => {
                    let most = if function == Function::Initial { MOST_INITIAL } else { MOST_OF_A_STATE };
                    if lent.buffer.len() >= most {
                        return Said::Odd(usize::MAX);
                    }
                    let longer = lent.buffer.len() * 2;
                    lent.buffer.resize(longer, 0);
                }
                status::OUTSIDE => return Said::Outside,
                _ => return Said::Odd((result >> status::BITS) as usize),
            }
        }
    }
}

/// A function for a recursive operator, without code yet.
pub(crate) fn declare_routine(module: &mut JITModule, number: usize, params: usize) -> Gen<FuncId> {
    let signature = signature(module, params);
    module.declare_function(&format!("routine-{number}"), Linkage::Local, &signature).map_err(failed)
}

/// Compiles the functions of a model.
pub(crate) struct Compiler {
    module: JITModule,
    functions: [Option<FuncId>; FUNCTIONS],
    /// So many routines have code.
    routines_done: usize,
    /// Whether initial states are generated at all; without their properties they must not be.
    pub(crate) initial_is_compiled: bool,
}

fn failed(what: impl std::fmt::Display) -> Box<Declined> {
    Box::new(Declined { reason: format!("the code generator fails: {what}"), span: None })
}

impl Compiler {
    pub(crate) fn new() -> Gen<Self> {
        let mut flags = settings::builder();
        let settings = [
            ("opt_level", "speed"),
            ("use_colocated_libcalls", "false"),
            ("is_pic", "false"),
            ("enable_probestack", "true"),
            ("probestack_strategy", "inline"),
            ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
        ];
        for (name, value) in settings {
            flags.set(name, value).map_err(failed)?;
        }
        let Ok(isa) = cranelift_native::builder() else {
            return declined(None, "no machine code is generated for this processor");
        };
        let isa = isa.finish(settings::Flags::new(flags)).map_err(failed)?;
        let module = JITModule::new(JITBuilder::with_isa(isa, default_libcall_names()));
        Ok(Self { module, functions: [None; FUNCTIONS], routines_done: 0, initial_is_compiled: false })
    }

    /// Generates one function.
    pub(crate) fn function<'m>(
        &mut self,
        function: Function,
        shared: &mut Shared<'m>,
        body: impl FnOnce(&mut Generator<'m, '_>) -> Gen<()>,
    ) -> Gen<()> {
        let mut signature = self.module.make_signature();
        signature.params = vec![AbiParam::new(types::I64); 4];
        signature.returns = vec![AbiParam::new(types::I64)];
        let name = format!("{function:?}");
        let id = self.module.declare_function(&name, Linkage::Export, &signature).map_err(failed)?;
        let mut context = self.module.make_context();
        context.func.signature = signature;
        context.func.name = UserFuncName::user(0, id.as_u32());
        let mut builder_context = FunctionBuilderContext::new();
        let builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
        Generator::generate(builder, shared, &mut self.module, body)?;
        self.module.define_function(id, &mut context).map_err(|error| failed(format!("{error:?}")))?;
        self.functions[function as usize] = Some(id);
        self.routines(shared)
    }

    /// Generates the recursive operators that are called and have no code yet.
    ///
    /// # Errors
    /// If one cannot be compiled; whoever calls it leaves to the interpreter then.
    fn routines(&mut self, shared: &mut Shared<'_>) -> Gen<()> {
        let mut outcome = Ok(());
        while let Some(routine) = shared.routines.get(self.routines_done).cloned() {
            self.routines_done += 1;
            let mut context = self.module.make_context();
            let mut builder_context = FunctionBuilderContext::new();
            let signature = signature(&self.module, routine.params());
            let named = |context: &mut cranelift_codegen::Context| {
                context.func.signature = signature.clone();
                context.func.name = UserFuncName::user(0, routine.function.as_u32());
            };
            named(&mut context);
            let builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
            let generated = Generator::generate_routine(builder, shared, &mut self.module, &routine);
            if let Err(declined) = generated {
                outcome = Err(declined);
                context = self.module.make_context();
                builder_context = FunctionBuilderContext::new();
                named(&mut context);
                let builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
                Generator::generate_refusal(builder, shared, &mut self.module)?;
            }
            self.module
                .define_function(routine.function, &mut context)
                .map_err(|error| failed(format!("{error:?}")))?;
        }
        outcome
    }

    pub(crate) fn finish(mut self, mut shared: Shared<'_>) -> Gen<Code> {
        // A function that was given up may have left some behind.
        let _declined = self.routines(&mut shared);
        self.module.finalize_definitions().map_err(failed)?;
        let entry = |id: Option<FuncId>| {
            id.map(|id| {
                let address = self.module.get_finalized_function(id);
                // SAFETY: the address is that of a function which was generated with exactly this signature.
                unsafe { std::mem::transmute::<*const u8, Entry>(address) }
            })
        };
        let mut entries = self.functions.map(entry);
        if !self.initial_is_compiled {
            entries[Function::Initial as usize] = None;
        }
        Ok(Code {
            entries,
            row_words: shared.row.words as usize,
            view_words: shared.view_words,
            marks: shared.model.code.marks.len(),
            reasons: shared.reasons,
            _tables: shared.tables,
            module: Some(self.module),
        })
    }
}
