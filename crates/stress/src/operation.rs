//! One operation: a kernel of some case, through the whole runtime, and its result held against that of one thread.
//!
//! It takes what inference takes of the runtime. The stream of the thread; a graph from the cache; a buffer for each input,
//! which the kernel reads; for one operation of four a second reader of the first input on another stream, which the buffer has
//! to note, and which is late now and then; the inputs are freed *at once*, while the kernels may not have begun, so that it is up to the runtime to keep them;
//! an event to wait for; the result from a block of the thread's own. A block that two owners have, an input that is reused too
//! early, an event that tells too early: each gives a wrong result here.

use crate::case::{Case, Difference};
use crate::draw::Draw;
use crate::machine::{Graph, Machine};
use crate::tensor::Tensor;
use mps_runtime::stream_buffers::BufferError;
use mps_runtime::{Address, AllocError, Event, NotSignalled, PoolError, QueueId};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How late a second reader is that is late.
const LATE: Duration = Duration::from_micros(300);

/// Why an operation is not right.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The result is not that of one thread.
    Result(Difference),
    /// What the second reader found in the first input is not what was written there.
    Input(Difference),
    /// A graph of another case came out of the cache.
    Graph(Graph),
    /// The kernel could not be computed.
    Kernel(String),
    /// The runtime refused, or did not answer in time.
    Refused(String),
    /// The device has no memory left: a fault only where it should have had some.
    OutOfMemory,
    /// The runtime is shut down: a fault only where it should not be.
    ShutDown,
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::ShutDown => Self::ShutDown,
            PoolError::Exhausted | PoolError::Busy(_) | PoolError::NotOwner => Self::Refused(error.to_string()),
        }
    }
}

impl From<AllocError> for Fault {
    fn from(error: AllocError) -> Self {
        match error {
            AllocError::ShutDown => Self::ShutDown,
            AllocError::OutOfMemory(_) => Self::OutOfMemory,
            AllocError::NotInUse(_) | AllocError::Busy(_) => Self::Refused(error.to_string()),
        }
    }
}

impl From<BufferError> for Fault {
    fn from(error: BufferError) -> Self {
        match error {
            BufferError::Allocator(error) => error.into(),
            BufferError::NotLive(_) | BufferError::NotRecorded(..) | BufferError::TooManyPending(_) => {
                Self::Refused(error.to_string())
            }
        }
    }
}

impl From<NotSignalled> for Fault {
    fn from(error: NotSignalled) -> Self {
        Self::Refused(error.to_string())
    }
}

/// What a kernel on the device has to tell.
type Slot<T> = Arc<Mutex<Option<T>>>;

fn taken<T>(slot: &Slot<T>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn put<T>(slot: &Slot<T>, value: T) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
}

/// What an operation holds, given back however it ends.
struct Held<'m> {
    machine: &'m Machine,
    inputs: Vec<Address>,
    output: Option<Address>,
}

impl Held<'_> {
    /// Frees the inputs, whether or not the device has read them.
    fn free_inputs(&mut self) -> Result<(), Fault> {
        let mut result = Ok(());
        for input in self.inputs.drain(..) {
            let freed = self.machine.buffers.free(input, self.machine.patience).map_err(Fault::from);
            result = result.and(freed);
        }
        result
    }

    /// Frees the block of the result.
    fn free_output(&mut self) -> Result<(), Fault> {
        match self.output.take() {
            Some(output) => self.machine.allocator.free(output).map(drop).map_err(Fault::from),
            None => Ok(()),
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // The operation has a fault to tell already.
        let _first_fault_counts = self.free_inputs();
        let _first_fault_counts = self.free_output();
    }
}

impl Machine {
    /// Does one operation on this thread.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn operate(&self, case: &Arc<Case>, draw: &mut Draw) -> Result<(), Fault> {
        let stream = self.pool.current_within(self.patience)?;
        let graph = self.graphs.get_or_compile((case.kernel, case.number), |&(kernel, case)| Graph { kernel, case });
        if *graph != (Graph { kernel: case.kernel, case: case.number }) {
            return Err(Fault::Graph(*graph));
        }
        let mut held = Held { machine: self, inputs: Vec::new(), output: None };
        for input in &case.inputs {
            let block = self.buffers.allocate(input.bytes(), stream.queue())?;
            held.inputs.push(block.address);
            self.memory.write(block.address, &input.data);
            self.noise.point();
        }
        let output = self.allocator.malloc(case.expected.bytes())?.address;
        held.output = Some(output);
        let second = match draw.below(32) {
            0 => Some(self.read_again(case, held.inputs[0], LATE)?),
            1..8 => Some(self.read_again(case, held.inputs[0], Duration::ZERO)?),
            _ => None,
        };
        let computed = self.launch(case, &held.inputs, output, stream.queue())?;
        self.noise.point();
        held.free_inputs()?;
        self.noise.point();
        let waited = self.wait_for(stream.queue()).and_then(|()| match second {
            Some(_) => self.wait_for(self.second),
            None => Ok(()),
        });
        if let Err(fault) = waited {
            // The kernel may still write there: the block is leaked rather than given to somebody else.
            held.output = None;
            return Err(fault);
        }
        let result = self.memory.read(output, case.expected.len());
        held.free_output()?;
        if let Some(difference) = second.as_ref().and_then(taken) {
            return Err(Fault::Input(difference));
        }
        match taken(&computed) {
            None => return Err(Fault::Refused("the event came before the kernel".to_owned())),
            Some(Err(reason)) => return Err(Fault::Kernel(reason)),
            Some(Ok(())) => {}
        }
        case.difference(&result, self.backend.tolerance()).map_or(Ok(()), |difference| Err(Fault::Result(difference)))
    }

    /// Has the first input read on the second stream too; the slot gets what is wrong with it.
    fn read_again(&self, case: &Arc<Case>, input: Address, late: Duration) -> Result<Slot<Difference>, Fault> {
        self.buffers.record_stream(input, self.second)?;
        let slot = Slot::default();
        let (told, memory, case) = (Arc::clone(&slot), Arc::clone(&self.memory), Arc::clone(case));
        let kernel = move || {
            if !late.is_zero() {
                std::thread::sleep(late);
            }
            let wanted = &case.inputs[0].data;
            let found = memory.read(input, wanted.len());
            let differs = |(wanted, found): &(&f32, &f32)| wanted.to_bits() != found.to_bits();
            let mut wrong = wanted.iter().zip(&found).enumerate().filter(|(_, pair)| differs(pair));
            if let Some((element, (expected, given))) = wrong.next() {
                let elements = 1 + wrong.count();
                put(&told, Difference { element: Some(element), expected: *expected, given: *given, elements });
            }
        };
        self.buffers.launch(input, self.second, Box::new(kernel))?;
        Ok(slot)
    }

    /// Launches the kernel of a case; the slot gets whether it could be computed.
    fn launch(
        &self,
        case: &Arc<Case>,
        inputs: &[Address],
        output: Address,
        queue: QueueId,
    ) -> Result<Slot<Result<(), String>>, Fault> {
        let slot = Slot::default();
        let (told, memory, case) = (Arc::clone(&slot), Arc::clone(&self.memory), Arc::clone(case));
        let (backend, addresses) = (Arc::clone(&self.backend), inputs.to_vec());
        let kernel = move || {
            let read = |(address, input): (&Address, &Tensor)| Tensor {
                shape: input.shape.clone(),
                data: memory.read(*address, input.len()),
            };
            let inputs: Vec<Tensor> = addresses.iter().zip(&case.inputs).map(read).collect();
            // A back end that panics must not take the device with it.
            let result = catch_unwind(AssertUnwindSafe(|| backend.compute(case.kernel, &inputs)));
            let result = match result {
                Ok(Ok(result)) => {
                    memory.write(output, &result.data);
                    Ok(())
                }
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("it panicked".to_owned()),
            };
            put(&told, result);
        };
        self.buffers.launch(inputs[0], queue, Box::new(kernel))?;
        Ok(slot)
    }

    /// Waits until a queue has come to what was put there last.
    fn wait_for(&self, queue: QueueId) -> Result<(), Fault> {
        let event: Event = self.events.acquire();
        event.record(queue);
        event.synchronize(self.patience)?;
        Ok(())
    }
}
