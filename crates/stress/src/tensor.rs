//! Tensors of single-precision numbers, in row-major order, and the broadcasting of NumPy: shapes are aligned at their last
//! axis, and an axis of length one is repeated.

/// A tensor. `data` has as many elements as the shape says.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Lengths of the axes.
    pub shape: Vec<usize>,
    /// The elements, the last axis running fastest.
    pub data: Vec<f32>,
}

impl Tensor {
    /// A tensor whose elements follow from their position.
    pub fn generate(shape: &[usize], element: impl FnMut(usize) -> f32) -> Self {
        let count = shape.iter().product();
        Self { shape: shape.to_vec(), data: (0..count).map(element).collect() }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Its size in memory.
    pub fn bytes(&self) -> u64 {
        self.data.len() as u64 * 4
    }
}

/// The shape that two shapes broadcast to, if they do.
pub fn broadcast(left: &[usize], right: &[usize]) -> Option<Vec<usize>> {
    let rank = left.len().max(right.len());
    let axis = |shape: &[usize], index: usize| (index + shape.len()).checked_sub(rank).map_or(1, |at| shape[at]);
    let join = |index| match (axis(left, index), axis(right, index)) {
        (a, b) if a == b => Some(a),
        (1, b) => Some(b),
        (a, 1) => Some(a),
        _ => None,
    };
    (0..rank).map(join).collect()
}

/// How far one step along each axis of `target` moves in a tensor of this shape: not at all where it is repeated.
pub fn steps(shape: &[usize], target: &[usize]) -> Vec<usize> {
    let mut steps = vec![0; target.len()];
    let mut stride = 1;
    for (step, length) in steps.iter_mut().rev().zip(shape.iter().rev()) {
        *step = if *length == 1 { 0 } else { stride };
        stride *= length;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_aligned_at_their_last_axis() {
        assert_eq!(broadcast(&[4, 1, 3], &[2, 1]), Some(vec![4, 2, 3]));
        assert_eq!(broadcast(&[], &[5]), Some(vec![5]));
        assert_eq!(broadcast(&[4, 2], &[3, 2]), None);
    }

    #[test]
    fn a_repeated_axis_does_not_move() {
        assert_eq!(steps(&[2, 1], &[4, 2, 3]), [0, 1, 0]);
        assert_eq!(steps(&[4, 1, 3], &[4, 2, 3]), [3, 0, 1]);
    }
}
