//! Recursive operators as functions of their own.
//!
//! A recursion whose depth is known while code is generated is written out. One that depends on the state becomes a
//! [`Routine`]: a function that calls itself, with parameters and a result of fixed shapes. The shapes are found by
//! generating the body without keeping it, until what goes into it and what comes out of it stay the same. They need not
//! be right: a value that does not fit leaves to the interpreter, as does a recursion that takes too much of the stack.

use super::value::{Common, Val};
use super::{Binding, Env, Gen, Generator, Next, Side, declined, status, trusted};
use crate::machine::STACK;
use crate::shape::{Guess, Shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Signature, types};
use cranelift_frontend::FunctionBuilder;
use cranelift_jit::JITModule;
use cranelift_module::{FuncId, Module};
use std::rc::Rc;
use tla_model::ir::{Argument, Definition, DefinitionId, Level, Node};
use tla_model::value::Value;

/// Rounds in which shapes may grow; then they get some room, and what does not fit leaves to the interpreter.
const ROUNDS: usize = 12;

/// Longest sequence that goes into a recursion or comes out of it.
const LONGEST: u32 = 32;

/// Most calls of one operator inside of each other that are written out.
const MOST_UNROLLED: usize = 16;

/// Most functions for one operator.
const MOST_ROUTINES: usize = 6;

/// Parameters before those of the operator: frame, two rows, flag, where the result goes.
const FIXED: usize = 5;

/// What the code of a routine depends on, beside its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Context {
    side: Side,
    primed: bool,
    recording: bool,
}

/// A recursive operator as a function.
#[derive(Debug, Clone)]
pub(crate) struct Routine {
    definition: DefinitionId,
    context: Context,
    params: Vec<Shape>,
    result: Shape,
    /// The function's number in the module.
    pub(crate) function: FuncId,
}

/// A routine whose shapes are being found.
pub(crate) struct Rehearsal {
    definition: DefinitionId,
    params: Vec<Guess>,
    result: Guess,
}

/// A call of a recursive operator that is written out at present.
pub(crate) struct Open {
    definition: DefinitionId,
    arguments: Vec<Val>,
}

/// How a routine is called.
pub(crate) fn signature(module: &JITModule, params: usize) -> Signature {
    use cranelift_codegen::ir::AbiParam;
    let mut signature = module.make_signature();
    signature.params = vec![AbiParam::new(types::I64); FIXED + params];
    signature.returns = vec![AbiParam::new(types::I64)];
    signature
}

impl Routine {
    /// Number of parameters of the operator.
    pub(crate) fn params(&self) -> usize {
        self.params.len()
    }
}

impl<'m, 'f> Generator<'m, 'f> {
    /// Generates the body of a routine.
    pub(crate) fn generate_routine(
        b: FunctionBuilder<'f>,
        shared: &'f mut super::Shared<'m>,
        module: &'f mut JITModule,
        routine: &Routine,
    ) -> Gen<()> {
        Self::around(b, shared, module, |g, params| {
            g.side = routine.context.side;
            g.next = if routine.context.primed { Next::Row } else { Next::None };
            g.recording = routine.context.recording;
            g.open.push(Open { definition: routine.definition, arguments: Vec::new() });
            g.routine = Some(routine.clone());
            let result_at = params[FIXED - 1];
            let frame = g.frame;
            let limit = g.b.ins().load(types::I64, trusted(), frame, STACK * 8);
            let here = g.b.ins().get_stack_pointer(types::I64);
            let enough = g.b.ins().icmp(IntCC::UnsignedGreaterThan, here, limit);
            g.bail_unless(enough, "a deep recursion");
            let arguments: Vec<Val> = routine
                .params
                .iter()
                .zip(&params[FIXED..])
                .map(|(shape, register)| g.carried(*register, &Common::Shaped(shape.clone())))
                .collect();
            let model = g.shared.model;
            let callee = model.code.definition(routine.definition);
            let env = g.env_of_call(callee, &arguments);
            let result = g.eval(&callee.body, &env)?;
            g.store(&result, &routine.result, result_at, 0)?;
            g.finish(status::FINE);
            Ok(())
        })
    }

    /// Code for a routine that always leaves to the interpreter.
    pub(crate) fn generate_refusal(
        b: FunctionBuilder<'f>,
        shared: &'f mut super::Shared<'m>,
        module: &'f mut JITModule,
    ) -> Gen<()> {
        Self::around(b, shared, module, |g, _| {
            g.bail("a recursion that cannot be compiled");
            g.finish(status::FINE);
            Ok(())
        })
    }

    fn env_of_call(&self, callee: &Definition, arguments: &[Val]) -> Env<'m> {
        let mut slots = vec![None; self.shared.model.code.frame_size(callee.owner)];
        for (param, argument) in callee.params.iter().zip(arguments) {
            slots[*param as usize] = Some(Binding::Val(argument.clone()));
        }
        Env { owner: callee.owner, slots: Rc::new(slots) }
    }

    fn context(&self) -> Context {
        let primed = matches!(self.next, Next::Row);
        Context { side: self.side, primed, recording: self.recording }
    }

    /// The arguments of a call of a recursive operator, if it could become a routine.
    fn routine_arguments(
        &mut self,
        id: DefinitionId,
        arguments: &'m [Argument],
        env: &Env<'m>,
    ) -> Gen<Option<Vec<Val>>> {
        let model = self.shared.model;
        let callee = model.code.definition(id);
        let steady = if self.initial {
            callee.level == Level::Constant
        } else {
            callee.level < Level::Action || !matches!(self.next, Next::Assigned(_))
        };
        let values = arguments.iter().all(|argument| !matches!(argument, Argument::Operator(_)));
        if !steady || !values || !callee.inherits.is_empty() || !self.shared.facts.is_recursive(&model.code, id) {
            return Ok(None);
        }
        let mut vals = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match self.argument(argument, env)? {
                Some(Binding::Val(val)) => vals.push(val),
                Some(Binding::Delayed(node, inner)) => vals.push(self.delayed(node, &inner)?),
                Some(Binding::Lambda(..)) | None => return Ok(None),
            }
        }
        Ok(Some(vals))
    }

    /// The value of a call of a recursive operator; `None` if the operator is no such, or its arguments are operators.
    pub(crate) fn recursion(
        &mut self,
        id: DefinitionId,
        arguments: &'m [Argument],
        env: &Env<'m>,
        node: &'m Node,
    ) -> Gen<Option<Val>> {
        let Some(vals) = self.routine_arguments(id, arguments, env)? else { return Ok(None) };
        if vals.iter().any(|val| matches!(val, Val::Never)) {
            return Ok(Some(Val::Never));
        }
        if self.is_repeated(id, &vals) {
            return self.call_routine(id, &vals, node).map(Some);
        }
        let model = self.shared.model;
        let callee = model.code.definition(id);
        let inner = self.env_of_call(callee, &vals);
        self.deeper(node)?;
        self.open.push(Open { definition: id, arguments: vals });
        let val = self.eval(&callee.body, &inner);
        self.open.pop();
        self.leave_call();
        val.map(Some)
    }

    /// Whether values that grow from call to call make the difference between one shape and the next.
    pub(crate) fn is_recursing(&self) -> bool {
        !self.rehearsals.is_empty() || self.open.first().is_some_and(|open| open.arguments.is_empty())
    }

    /// Whether calls of the operator are written out already, and going on would lead nowhere: no argument that was known
    /// in the last one is another one now, or there are many.
    fn is_repeated(&self, id: DefinitionId, vals: &[Val]) -> bool {
        let mut all = self.open.iter().rev().filter(|open| open.definition == id);
        let Some(open) = all.next() else { return false };
        if all.count() >= MOST_UNROLLED {
            return true;
        }
        let moves = |(before, now): (&Val, &Val)| match (before, now) {
            (Val::Const(before), Val::Const(now)) => !Value::structurally_equal(before, now),
            _ => false,
        };
        !open.arguments.iter().zip(vals).any(moves)
    }

    fn call_routine(&mut self, id: DefinitionId, vals: &[Val], node: &'m Node) -> Gen<Val> {
        let mut guesses = Vec::with_capacity(vals.len());
        for val in vals {
            guesses.push(self.guess(val)?);
        }
        if let Some(index) = self.rehearsals.iter().rposition(|rehearsal| rehearsal.definition == id) {
            let rehearsal = &mut self.rehearsals[index];
            for (known, guess) in rehearsal.params.iter_mut().zip(guesses) {
                *known = std::mem::replace(known, Guess::Never).join(guess);
            }
            let result = rehearsal.result.clone();
            return self.some_value(&result);
        }
        let (params, result) = match self.known_routine(id, &guesses)? {
            Some(routine) => return self.emit_call(&routine, vals),
            None => self.find_shapes(id, guesses)?,
        };
        if !self.rehearsals.is_empty() {
            return self.some_value(&result);
        }
        if result == Guess::Never {
            return declined(Some(node.span), "a recursion that has no value");
        }
        let of_operator = self.shared.routines.iter().filter(|routine| routine.definition == id).count();
        if of_operator >= MOST_ROUTINES {
            return declined(Some(node.span), "a recursive operator is called with values of too many kinds");
        }
        let params = params.iter().map(|guess| self.shape(guess)).collect::<Gen<Vec<Shape>>>()?;
        let result = self.shape(&result)?;
        let function = crate::machine::declare_routine(self.module, self.shared.routines.len(), params.len())?;
        let routine = Routine { definition: id, context: self.context(), params, result, function };
        self.shared.routines.push(routine.clone());
        self.emit_call(&routine, vals)
    }

    /// A routine of the operator into whose parameters the arguments fit.
    fn known_routine(&mut self, id: DefinitionId, guesses: &[Guess]) -> Gen<Option<Routine>> {
        // Its own shapes were found with this very call; where they were cut short, values may not fit.
        if let Some(own) = self.routine.clone().filter(|own| own.definition == id) {
            return Ok(Some(own));
        }
        let context = self.context();
        for index in 0..self.shared.routines.len() {
            let routine = &self.shared.routines[index];
            if routine.definition != id || routine.context != context {
                continue;
            }
            let routine = routine.clone();
            let mut fits = true;
            for (shape, guess) in routine.params.iter().zip(guesses) {
                fits = fits && self.shape(&shape.guess().join(guess.clone()))? == *shape;
            }
            if fits {
                return Ok(Some(routine));
            }
        }
        Ok(None)
    }

    /// What goes into a recursive operator and what comes out of it, for arguments of some kind.
    fn find_shapes(&mut self, id: DefinitionId, guesses: Vec<Guess>) -> Gen<(Vec<Guess>, Guess)> {
        let model = self.shared.model;
        let callee = model.code.definition(id);
        let open = std::mem::replace(&mut self.open, vec![Open { definition: id, arguments: Vec::new() }]);
        let (mut params, mut result) = (guesses, Guess::Never);
        let mut steady = false;
        for _ in 0..ROUNDS {
            self.rehearsals.push(Rehearsal { definition: id, params: params.clone(), result: result.clone() });
            let found = self.rehearse(|g| {
                let mut arguments = Vec::with_capacity(params.len());
                for guess in &params {
                    arguments.push(g.some_value(guess)?);
                }
                let env = g.env_of_call(callee, &arguments);
                let val = g.eval(&callee.body, &env)?;
                g.guess(&val)
            })?;
            let Some(rehearsal) = self.rehearsals.pop() else { break };
            let found = result.clone().join(found).shorter(LONGEST);
            let rehearsal = Rehearsal {
                params: rehearsal.params.into_iter().map(|guess| guess.shorter(LONGEST)).collect(),
                ..rehearsal
            };
            steady = found == result && rehearsal.params == params;
            (params, result) = (rehearsal.params, found);
            if steady {
                break;
            }
        }
        self.open = open;
        if !steady {
            params = params.into_iter().map(|guess| guess.with_room(false, true).shorter(LONGEST)).collect();
            result = result.with_room(false, true).shorter(LONGEST);
        }
        Ok((params, result))
    }

    /// A value of which nothing but the shape is known, in code that is never executed.
    fn some_value(&mut self, guess: &Guess) -> Gen<Val> {
        if let Guess::Never = guess {
            return Ok(Val::Never);
        }
        let shape = self.shape(guess)?;
        let register = self.int(0);
        Ok(self.carried(register, &Common::Shaped(shape)))
    }

    fn emit_call(&mut self, routine: &Routine, vals: &[Val]) -> Gen<Val> {
        let result_at = self.temp(routine.result.cells().max(1));
        let mut registers = vec![self.frame, self.from, self.to, self.flag_param, result_at];
        for (val, shape) in vals.iter().zip(&routine.params) {
            registers.push(self.carry(val, &Common::Shaped(shape.clone()))?);
        }
        let function = self.module.declare_func_in_func(routine.function, self.b.func);
        let call = self.b.ins().call(function, &registers);
        let said = self.b.inst_results(call)[0];
        let (go_on, exit) = (self.b.create_block(), self.exit);
        self.b.ins().brif(said, exit, &[BlockArg::Value(said)], go_on, &[]);
        self.b.switch_to_block(go_on);
        Ok(self.memory_value(result_at, 0, &routine.result))
    }
}
