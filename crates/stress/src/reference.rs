//! The kernels once more, from their definitions: one element at a time, in double precision, without a word of the code in
//! `kernel`. What a back end computes on one thread is held against this before a workload begins, so that many threads are
//! not found to agree with one that is wrong.

use crate::kernel::{EPSILON, FILL, Kernel};
use crate::tensor::Tensor;

/// Largest difference between single precision and this, relative to the larger of one and the value.
pub const TOLERANCE: f64 = 1e-4;

/// The element of a tensor at an index of a shape that it broadcasts to.
fn at(tensor: &Tensor, index: &[usize]) -> f64 {
    let skipped = index.len() - tensor.shape.len();
    let mut offset = 0;
    for (position, length) in index[skipped..].iter().zip(&tensor.shape) {
        offset = offset * length + if *length == 1 { 0 } else { *position };
    }
    f64::from(tensor.data[offset])
}

fn index_of(shape: &[usize], mut number: usize) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (position, length) in index.iter_mut().zip(shape).rev() {
        *position = number % length;
        number /= length;
    }
    index
}

fn product(inputs: &[Tensor], index: &[usize]) -> f64 {
    let (a, b) = (&inputs[0], &inputs[1]);
    (0..a.shape[2]).map(|k| at(a, &[index[0], index[1], k]) * at(b, &[index[0], k, index[2]])).sum()
}

fn normalised(inputs: &[Tensor], index: &[usize]) -> f64 {
    let last = index.len() - 1;
    let width = inputs[0].shape[last];
    let row: Vec<f64> = (0..width)
        .map(|column| {
            let mut index = index.to_vec();
            index[last] = column;
            at(&inputs[0], &index)
        })
        .collect();
    let mean = row.iter().sum::<f64>() / width as f64;
    let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / width as f64;
    let column = &index[last..];
    (row[index[last]] - mean) / (variance + f64::from(EPSILON)).sqrt() * at(&inputs[1], column) + at(&inputs[2], column)
}

fn element_at(kernel: Kernel, inputs: &[Tensor], index: &[usize]) -> f64 {
    let input = |number: usize| at(&inputs[number], index);
    match kernel {
        Kernel::Add => input(0) + input(1),
        Kernel::Mul => input(0) * input(1),
        Kernel::Greater => f64::from(u8::from(input(0) > input(1))),
        Kernel::Where => input(if input(0) == 0.0 { 2 } else { 1 }),
        Kernel::MaskedFill => {
            if input(1) == 0.0 {
                input(0)
            } else {
                f64::from(FILL)
            }
        }
        Kernel::Matmul => product(inputs, index),
        Kernel::LayerNorm => normalised(inputs, index),
    }
}

/// The element of this number of a result of this shape, if there is one.
pub fn element(kernel: Kernel, inputs: &[Tensor], shape: &[usize], number: usize) -> Option<f64> {
    let exists = number < shape.iter().product();
    exists.then(|| element_at(kernel, inputs, &index_of(shape, number)))
}

/// The first element of a result that is not what the kernel is defined to give: its number, what it should be, what it is.
pub fn first_difference(kernel: Kernel, inputs: &[Tensor], result: &Tensor) -> Option<(usize, f64, f64)> {
    let differs = |(number, given): (usize, &f32)| {
        let expected = element_at(kernel, inputs, &index_of(&result.shape, number));
        let given = f64::from(*given);
        let close = (expected - given).abs() <= TOLERANCE * expected.abs().max(1.0);
        (!close).then_some((number, expected, given))
    };
    result.data.iter().enumerate().find_map(differs)
}
