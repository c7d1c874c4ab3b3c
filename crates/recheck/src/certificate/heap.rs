//! Variables by activity: the one that took part in most recent conflicts first.

/// No place.
const NONE: u32 = u32::MAX;

/// A binary heap of variables that knows where each of them is.
pub(crate) struct Heap {
    heap: Vec<u32>,
    place: Vec<u32>,
    activity: Vec<f64>,
    step: f64,
}

impl Default for Heap {
    fn default() -> Self {
        Self { heap: Vec::new(), place: Vec::new(), activity: Vec::new(), step: 1.0 }
    }
}

impl Heap {
    pub(crate) fn reserve(&mut self, variables: usize) {
        self.place.resize(variables, NONE);
        self.activity.resize(variables, 0.0);
    }

    /// Puts a variable in, if it is not there.
    pub(crate) fn insert(&mut self, variable: usize) {
        if self.place[variable] == NONE {
            self.place[variable] = self.heap.len() as u32;
            self.heap.push(variable as u32);
            self.rise(self.heap.len() - 1);
        }
    }

    /// Takes the most active variable out.
    pub(crate) fn pop(&mut self) -> Option<usize> {
        let first = *self.heap.first()?;
        let last = self.heap.pop()?;
        self.place[first as usize] = NONE;
        if last != first {
            self.heap[0] = last;
            self.place[last as usize] = 0;
            self.sink(0);
        }
        Some(first as usize)
    }

    /// A variable took part in a conflict.
    pub(crate) fn bump(&mut self, variable: usize) {
        self.activity[variable] += self.step;
        if self.activity[variable] > 1e100 {
            self.activity.iter_mut().for_each(|activity| *activity *= 1e-100);
            self.step *= 1e-100;
        }
        if self.place[variable] != NONE {
            self.rise(self.place[variable] as usize);
        }
    }

    /// What was before counts less from now on.
    pub(crate) fn decay(&mut self) {
        self.step *= 1.05;
    }

    fn is_before(&self, a: u32, b: u32) -> bool {
        self.activity[a as usize] > self.activity[b as usize]
    }

    fn swap(&mut self, a: usize, b: usize) {
        self.heap.swap(a, b);
        self.place[self.heap[a] as usize] = a as u32;
        self.place[self.heap[b] as usize] = b as u32;
    }

    fn rise(&mut self, mut at: usize) {
        while at > 0 && self.is_before(self.heap[at], self.heap[(at - 1) / 2]) {
            self.swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
    }

    fn sink(&mut self, mut at: usize) {
        loop {
            let below = [2 * at + 1, 2 * at + 2].into_iter().filter(|child| *child < self.heap.len());
            let best = below.reduce(|a, b| if self.is_before(self.heap[b], self.heap[a]) { b } else { a });
            match best {
                Some(child) if self.is_before(self.heap[child], self.heap[at]) => {
                    self.swap(at, child);
                    at = child;
                }
                Some(_) | None => return,
            }
        }
    }
}
