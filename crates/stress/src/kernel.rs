//! The kernels that a workload is made of, and the back end of our own that computes them.
//!
//! They are the operations that parallel inference spends its time in, and each of them went wrong somewhere when several
//! threads used one device: broadcasting addition and multiplication, the batched matrix product, comparison, `where`, masked
//! fill (whose block once borrowed its tensor), layer norm. Tensors are small, because an operation that is over soon meets
//! more others at its edges, which is where such bugs are.
//!
//! A [`Backend`] computes a kernel from tensors. [`Host`] does so in plain loops, each result the same bit for bit whoever
//! else is running; what another back end may differ by is its own word ([`Backend::tolerance`]).

use crate::tensor::{Tensor, broadcast, steps};
use std::fmt;

/// A kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kernel {
    /// Sum, with broadcasting.
    Add,
    /// Product of elements, with broadcasting.
    Mul,
    /// Matrix product of each pair in a batch.
    Matmul,
    /// One where the first is greater, else zero; with broadcasting.
    Greater,
    /// The second where the first is not zero, else the third.
    Where,
    /// The first, but [`FILL`] where the second is not zero.
    MaskedFill,
    /// Normalisation over the last axis, then scale and shift.
    LayerNorm,
}

/// What masked fill fills with.
pub const FILL: f32 = -1e9;

/// What layer norm adds to the variance.
pub const EPSILON: f32 = 1e-5;

impl Kernel {
    /// Every kernel.
    pub const ALL: [Self; 7] =
        [Self::Add, Self::Mul, Self::Matmul, Self::Greater, Self::Where, Self::MaskedFill, Self::LayerNorm];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Mul => "mul",
            Self::Matmul => "matmul",
            Self::Greater => "greater",
            Self::Where => "where",
            Self::MaskedFill => "masked-fill",
            Self::LayerNorm => "layer-norm",
        }
    }

    /// The kernel of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kernel| kernel.name() == name)
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A kernel cannot be computed: its inputs do not fit, or the library behind the back end refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kernel} cannot be computed: {reason}")]
pub struct KernelError {
    /// Which one.
    pub kernel: Kernel,
    /// Why.
    pub reason: String,
}

/// Something that computes kernels, from any number of threads.
pub trait Backend: Send + Sync {
    /// What it is called in reports.
    fn name(&self) -> String;

    /// The largest relative difference between two runs of one kernel that is no error; zero for the same bits.
    fn tolerance(&self) -> f32;

    /// Computes a kernel.
    ///
    /// # Errors
    /// [`KernelError`]
    fn compute(&self, kernel: Kernel, inputs: &[Tensor]) -> Result<Tensor, KernelError>;
}

/// Plain loops on the processor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Host;

impl Backend for Host {
    fn name(&self) -> String {
        "host".to_owned()
    }

    fn tolerance(&self) -> f32 {
        0.0
    }

    fn compute(&self, kernel: Kernel, inputs: &[Tensor]) -> Result<Tensor, KernelError> {
        let fail = |reason: &str| KernelError { kernel, reason: reason.to_owned() };
        let result = match (kernel, inputs) {
            (Kernel::Add, [a, b]) => pointwise(a, b, |x, y| x + y),
            (Kernel::Mul, [a, b]) => pointwise(a, b, |x, y| x * y),
            (Kernel::Greater, [a, b]) => pointwise(a, b, |x, y| f32::from(u8::from(x > y))),
            (Kernel::MaskedFill, [a, mask]) => pointwise(a, mask, |x, chosen| if chosen == 0.0 { x } else { FILL }),
            (Kernel::Where, [chosen, a, b]) => choose(chosen, a, b),
            (Kernel::Matmul, [a, b]) => matmul(a, b),
            (Kernel::LayerNorm, [x, scale, shift]) => layer_norm(x, scale, shift),
            (
                Kernel::Add
                | Kernel::Mul
                | Kernel::Greater
                | Kernel::MaskedFill
                | Kernel::Where
                | Kernel::Matmul
                | Kernel::LayerNorm,
                _,
            ) => return Err(fail("another number of inputs is needed")),
        };
        result.ok_or_else(|| fail("the shapes do not fit"))
    }
}

fn pointwise(a: &Tensor, b: &Tensor, f: impl Fn(f32, f32) -> f32) -> Option<Tensor> {
    let shape = broadcast(&a.shape, &b.shape)?;
    let (in_a, in_b) = (steps(&a.shape, &shape), steps(&b.shape, &shape));
    let mut data = Vec::with_capacity(shape.iter().product());
    walk(&shape, &[&in_a, &in_b], |at| data.push(f(a.data[at[0]], b.data[at[1]])));
    Some(Tensor { shape, data })
}

fn choose(chosen: &Tensor, a: &Tensor, b: &Tensor) -> Option<Tensor> {
    let shape = broadcast(&broadcast(&chosen.shape, &a.shape)?, &b.shape)?;
    let all = [chosen, a, b].map(|tensor| steps(&tensor.shape, &shape));
    let mut data = Vec::with_capacity(shape.iter().product());
    walk(&shape, &[&all[0], &all[1], &all[2]], |at| {
        data.push(if chosen.data[at[0]] == 0.0 { b.data[at[2]] } else { a.data[at[1]] });
    });
    Some(Tensor { shape, data })
}

/// Visits every index of a shape in row-major order, with the offsets that it has in tensors of these steps.
fn walk(shape: &[usize], steps: &[&[usize]], mut visit: impl FnMut(&[usize])) {
    if shape.contains(&0) {
        return;
    }
    let mut index = vec![0; shape.len()];
    let mut offsets = vec![0; steps.len()];
    loop {
        visit(&offsets);
        let mut axis = shape.len();
        loop {
            let Some(next) = axis.checked_sub(1) else { return };
            axis = next;
            index[axis] += 1;
            offsets.iter_mut().zip(steps).for_each(|(offset, steps)| *offset += steps[axis]);
            if index[axis] < shape[axis] {
                break;
            }
            offsets.iter_mut().zip(steps).for_each(|(offset, steps)| *offset -= steps[axis] * shape[axis]);
            index[axis] = 0;
        }
    }
}

fn matmul(a: &Tensor, b: &Tensor) -> Option<Tensor> {
    let (&[batch, rows, inner], &[batch_b, inner_b, columns]) = (a.shape.as_slice(), b.shape.as_slice()) else {
        return None;
    };
    if (batch, inner) != (batch_b, inner_b) {
        return None;
    }
    let mut data = vec![0.0; batch * rows * columns];
    for item in 0..batch {
        for row in 0..rows {
            let out = (item * rows + row) * columns;
            for k in 0..inner {
                let x = a.data[(item * rows + row) * inner + k];
                let from = &b.data[(item * inner + k) * columns..][..columns];
                data[out..out + columns].iter_mut().zip(from).for_each(|(sum, y)| *sum += x * y);
            }
        }
    }
    Some(Tensor { shape: vec![batch, rows, columns], data })
}

fn layer_norm(x: &Tensor, scale: &Tensor, shift: &Tensor) -> Option<Tensor> {
    let width = *x.shape.last()?;
    if width == 0 || scale.shape != [width] || shift.shape != [width] {
        return None;
    }
    let mut data = Vec::with_capacity(x.data.len());
    for row in x.data.chunks_exact(width) {
        let mean = row.iter().sum::<f32>() / width as f32;
        let variance = row.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / width as f32;
        let inverse = 1.0 / (variance + EPSILON).sqrt();
        let parameters = scale.data.iter().zip(&shift.data);
        data.extend(row.iter().zip(parameters).map(|(value, (scale, shift))| (value - mean) * inverse * scale + shift));
    }
    Some(Tensor { shape: x.shape.clone(), data })
}
