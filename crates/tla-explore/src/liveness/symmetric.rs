//! Which atoms do not tell symmetric states apart.
//!
//! If each atom of a formula is unchanged by every permutation of the symmetry set, a behavior and its image satisfy the
//! same formulas, and the graph of representatives decides the formula as the whole graph would (Emerson and Sistla,
//! *Symmetry and model checking*, 1996, theorem 3.1, for the group that the user gives; that the next-state relation is
//! symmetric is taken at the user's word here as it is for invariants). `WF_vars(Next)` and `<>[](\A p \in P : q[p])`
//! are of this kind; `\A p \in P : <>q[p]` is not, since its instances name elements of `P` one by one.
//!
//! An atom is found unchanged if nothing that it reads by way of definitions, arguments and bound names names a value that
//! the permutations move: no model value, no constant that is not mapped to itself, no `CHOOSE`, and only operators whose
//! result does not depend on the order of values. That is a sufficient condition, no more.

use super::atom::{Atom, Question, Turn};
use rustc_hash::FxHashSet;
use tla_model::error::Evaluated;
use tla_model::eval::Machine;
use tla_model::ir::walk::children;
use tla_model::ir::{Argument, Code, DefinitionId, Kind, Node, Operator, Primitive};
use tla_model::model::Predicate;
use tla_model::value::{Value, codec};

/// The permutations of a symmetry set.
pub(crate) struct Permutations(Vec<Value>);

impl Permutations {
    /// The permutations that the configuration names. The machine has no state.
    pub(crate) fn of<'m>(machine: &mut Machine<'m>, symmetry: &'m Predicate) -> Evaluated<Self> {
        let formula = &symmetry.formula;
        let set = machine.evaluate_in(formula.owner, &formula.node)?;
        let mut permutations = machine.element_vec(&set)?;
        for permutation in &mut permutations {
            *permutation = machine.force(permutation)?;
        }
        Ok(Self(permutations))
    }

    fn leave_alone(&self, machine: &mut Machine<'_>, value: &Value) -> bool {
        self.0
            .iter()
            .all(|permutation| machine.permute(value, permutation).is_ok_and(|image| image.structurally_equal(value)))
    }

    /// Whether an atom has the same truth value in symmetric states.
    pub(crate) fn preserve<'m>(&self, machine: &mut Machine<'m>, atom: &Atom<'m>) -> bool {
        let code = machine.code();
        let mut search = Search { code, machine, permutations: self, entered: FxHashSet::default(), found: false };
        for turn in &atom.way {
            search.turn(turn);
        }
        match atom.question {
            Question::Predicate(node) | Question::Action(node) => search.node(node),
            Question::Enabled(fair) | Question::Taken(fair, _) => {
                // The next-state relation is symmetric at the user's word.
                if !atom.is_next {
                    search.node(fair.action);
                }
                search.node(fair.now);
                search.node(fair.then);
            }
            Question::NoCase => {}
        }
        !search.found
    }
}

/// Looks for something that names a value which is moved.
struct Search<'s, 'm> {
    code: &'m Code,
    machine: &'s mut Machine<'m>,
    permutations: &'s Permutations,
    entered: FxHashSet<DefinitionId>,
    found: bool,
}

impl Search<'_, '_> {
    fn turn(&mut self, turn: &Turn<'_>) {
        match turn {
            Turn::Call(_, arguments) | Turn::CallSlot(_, arguments) => self.arguments(arguments),
            Turn::Let(_, value) => self.node(value),
            Turn::Bind(_, bytes) => self.bytes(bytes),
            // What the parameter stands for was met where it was passed.
            Turn::Delayed(_) => {}
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        match codec::from_bytes(bytes) {
            Ok(value) => self.value(&value),
            Err(_) => self.found = true,
        }
    }

    fn value(&mut self, value: &Value) {
        self.found |= !self.permutations.leave_alone(self.machine, value);
    }

    fn node(&mut self, node: &Node) {
        if self.found {
            return;
        }
        let code = self.code;
        match &node.kind {
            Kind::Model(id) => self.value(&Value::Model(*id)),
            Kind::Constant(number) => match code.constants.get(*number as usize) {
                Some(bytes) => self.bytes(bytes),
                None => self.found = true,
            },
            Kind::Choose(..) | Kind::ChooseUnbounded | Kind::QuantifierUnbounded | Kind::Declined(_) => {
                self.found = true;
            }
            Kind::Primitive(primitive, _) | Kind::HigherOrder(primitive, ..) if !is_equivariant(*primitive) => {
                self.found = true;
            }
            Kind::Call(id, arguments) => {
                self.arguments(arguments);
                if self.entered.insert(*id) {
                    self.node(&code.definition(*id).body);
                }
            }
            Kind::ConstantDefinition(_, id) if self.entered.insert(*id) => self.node(&code.definition(*id).body),
            _ => {}
        }
        children(code, node, &mut |child| self.node(child));
    }

    fn arguments(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            match argument {
                Argument::Eager(node) | Argument::Delayed(node) => self.node(node),
                Argument::Operator(Operator::Lambda(lambda)) => self.node(&lambda.body),
                Argument::Operator(Operator::Slot(_)) => {}
            }
        }
    }
}

/// Whether renaming the operands renames the result and does nothing else. Operators that go through a set in some order,
/// make text of values or know of anything but their operands are not among them.
fn is_equivariant(primitive: Primitive) -> bool {
    use Primitive as P;
    matches!(
        primitive,
        P::Boolean
            | P::String
            | P::Equal
            | P::NotEqual
            | P::In
            | P::NotIn
            | P::SubsetEq
            | P::Cup
            | P::Cap
            | P::Difference
            | P::PowerSet
            | P::BigUnion
            | P::Domain
            | P::Nat
            | P::Int
            | P::Add
            | P::Subtract
            | P::Multiply
            | P::IntegerDivide
            | P::Modulo
            | P::Power
            | P::Negate
            | P::Range
            | P::Less
            | P::LessEqual
            | P::Greater
            | P::GreaterEqual
            | P::Seq
            | P::Len
            | P::Concat
            | P::Append
            | P::Head
            | P::Tail
            | P::SubSeq
            | P::SelectSeq
            | P::IsFiniteSet
            | P::Cardinality
            | P::MapsTo
            | P::Override
            | P::TlcEval
            | P::Permutations
            | P::IsABag
            | P::BagToSet
            | P::SetToBag
            | P::BagIn
            | P::EmptyBag
            | P::BagAdd
            | P::BagSubtract
            | P::BagUnion
            | P::BagSubsetEq
            | P::SubBag
            | P::BagOfAll
            | P::BagCardinality
            | P::CopiesIn
            | P::KSubset
            | P::FoldLeft
            | P::FoldRight
    )
}
