//! Cases: a kernel with inputs that follow from the seed, and the result that one thread computes from them.
//!
//! The inputs of different cases have nothing in common, so a result that belongs to another thread's case, or an input that
//! was overwritten, is a wrong result and not a coincidence.

use crate::draw::Draw;
use crate::kernel::{Backend, Kernel};
use crate::reference::first_difference;
use crate::tensor::Tensor;

/// Cases of each kernel.
pub const CASES: usize = 8;

/// A case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The kernel.
    pub kernel: Kernel,
    /// Which of its cases.
    pub number: usize,
    /// The inputs.
    pub inputs: Vec<Tensor>,
    /// What one thread made of them.
    pub expected: Tensor,
}

/// What makes a result wrong.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Difference {
    /// Number of the first element that differs; none where the shapes do.
    pub element: Option<usize>,
    /// What one thread computed.
    pub expected: f32,
    /// What came back.
    pub given: f32,
    /// How many elements differ.
    pub elements: usize,
}

/// A back end is wrong on a single thread already.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// It cannot compute.
    #[error(transparent)]
    Kernel(#[from] crate::kernel::KernelError),
    /// It computes something else.
    #[error(
        "{kernel} is wrong on one thread already: element {element} is {given}, by its definition it is {expected}"
    )]
    Wrong {
        /// Which kernel.
        kernel: Kernel,
        /// Number of the element.
        element: usize,
        /// By the definition.
        expected: f64,
        /// By the back end.
        given: f64,
    },
}

fn shapes(kernel: Kernel, draw: &mut Draw) -> Vec<Vec<usize>> {
    let mut length = |least: usize, more: usize| least + draw.below(more);
    let (a, b, c) = (length(2, 3), length(4, 9), length(8, 25));
    match kernel {
        Kernel::Add => vec![vec![a, 1, c], vec![b, 1]],
        Kernel::Mul => vec![vec![a, b, c], vec![c]],
        Kernel::Greater => vec![vec![a, b, c], vec![a, 1, c]],
        Kernel::Where => vec![vec![a, b, c], vec![b, c], vec![1, c]],
        Kernel::MaskedFill => vec![vec![a, b, c], vec![b, c]],
        Kernel::Matmul => vec![vec![a, b, c], vec![a, c, b + 2]],
        Kernel::LayerNorm => vec![vec![a, b, c], vec![c], vec![c]],
    }
}

/// Which input is a mask of zeros and ones.
fn is_mask(kernel: Kernel, input: usize) -> bool {
    matches!((kernel, input), (Kernel::Where, 0) | (Kernel::MaskedFill, 1))
}

impl Case {
    /// Makes a case, and computes its result on this thread.
    ///
    /// # Errors
    /// [`Unfit`] if the back end does not compute what the kernel is defined to be.
    pub fn prepare(kernel: Kernel, number: usize, seed: u64, backend: &dyn Backend) -> Result<Self, Unfit> {
        let mut draw = Draw::new(seed, (kernel as u64) << 32 | number as u64);
        let shapes = shapes(kernel, &mut draw);
        let input = |(index, shape): (usize, &Vec<usize>)| {
            let mask = is_mask(kernel, index);
            Tensor::generate(shape, |_| if mask { draw.below(2) as f32 } else { draw.unit() })
        };
        let inputs: Vec<Tensor> = shapes.iter().enumerate().map(input).collect();
        let expected = backend.compute(kernel, &inputs)?;
        match first_difference(kernel, &inputs, &expected) {
            Some((element, expected, given)) => Err(Unfit::Wrong { kernel, element, expected, given }),
            None => Ok(Self { kernel, number, inputs, expected }),
        }
    }

    /// Every case of these kernels.
    ///
    /// # Errors
    /// [`Unfit`]
    pub fn all(kernels: &[Kernel], seed: u64, backend: &dyn Backend) -> Result<Vec<Self>, Unfit> {
        let numbered = kernels.iter().flat_map(|kernel| (0..CASES).map(move |number| (*kernel, number)));
        numbered.map(|(kernel, number)| Self::prepare(kernel, number, seed, backend)).collect()
    }

    /// What is wrong with a result of this case, if anything is. A tolerance of zero asks for the same bits.
    pub fn difference(&self, result: &[f32], tolerance: f32) -> Option<Difference> {
        if result.len() != self.expected.len() {
            let (expected, given) = (self.expected.len() as f32, result.len() as f32);
            return Some(Difference { element: None, expected, given, elements: result.len() });
        }
        let differs = |(expected, given): (&f32, &f32)| {
            let same = expected.to_bits() == given.to_bits();
            // False for what is no number, which is close to nothing.
            let close = (expected - given).abs() <= tolerance * expected.abs().max(1.0);
            !(same || tolerance > 0.0 && close)
        };
        let mut wrong = self.expected.data.iter().zip(result).enumerate().filter(|(_, pair)| differs(*pair));
        let (element, (expected, given)) = wrong.next()?;
        Some(Difference { element: Some(element), expected: *expected, given: *given, elements: 1 + wrong.count() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Host, KernelError};

    #[test]
    fn the_kernels_are_what_they_are_defined_to_be() {
        for seed in 0..5 {
            let cases = Case::all(&Kernel::ALL, seed, &Host).expect("every kernel agrees with its definition");
            assert_eq!(cases.len(), Kernel::ALL.len() * CASES);
        }
    }

    /// Computes one kernel wrongly in its last element.
    struct Broken(Kernel);

    impl Backend for Broken {
        fn name(&self) -> String {
            "broken".to_owned()
        }
        fn tolerance(&self) -> f32 {
            0.0
        }
        fn compute(&self, kernel: Kernel, inputs: &[Tensor]) -> Result<Tensor, KernelError> {
            let mut result = Host.compute(kernel, inputs)?;
            if kernel == self.0 {
                *result.data.last_mut().expect("an element") += 0.5;
            }
            Ok(result)
        }
    }

    #[test]
    fn a_kernel_that_is_wrong_on_one_thread_is_refused() {
        for kernel in Kernel::ALL {
            let refused = Case::all(&Kernel::ALL, 1, &Broken(kernel)).expect_err("it is wrong");
            assert!(matches!(refused, Unfit::Wrong { kernel: told, .. } if told == kernel), "{refused}");
        }
    }

    #[test]
    fn one_bit_is_a_difference_unless_it_is_tolerated() {
        let case = Case::prepare(Kernel::Add, 0, 1, &Host).expect("a case");
        let mut result = case.expected.data.clone();
        assert_eq!(case.difference(&result, 0.0), None);
        result[3] = f32::from_bits(result[3].to_bits() ^ 1);
        let difference = case.difference(&result, 0.0).expect("it differs");
        assert_eq!((difference.element, difference.elements), (Some(3), 1));
        assert_eq!(case.difference(&result, 1e-5), None);
        result[5] = f32::NAN;
        assert!(case.difference(&result, 1e-5).is_some(), "no number is close to what is none");
        assert!(case.difference(&result[1..], 1.0).is_some());
    }
}
