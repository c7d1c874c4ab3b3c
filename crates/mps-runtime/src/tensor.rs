//! Tensors that operators read from inside of a dispatched block, and who owns them meanwhile.
//!
//! The protocol is module `TensorLifetime` of `subjects/mps/specs`; each step below is named as there. A tensor is a place in a
//! table, as an object of the original is an address: when its last owner has gone, its buffer goes back to the device and the
//! next tensor may be born at the same place. The interpreter owns the tensors that it holds, and gives them up in a
//! collection, under its lock. An operator is called with a tensor that the interpreter holds. It takes a share of its own
//! (or makes a temporary) before it lets go of the interpreter's lock, and the block that it dispatches to the serial queue
//! reads what is known to live.
//!
//! [`Tensor`] is a plain name, as a pointer is: it owns nothing, and [`Tensors::operate`] has to find out whether it still
//! means anything. The defect `Borrowed` is critical bug 3 of the original: the block has the name and no share. Rust's own
//! references would not let a block do that (see [`crate::command_buffer`]), which is why the shares are counted here: what a
//! block finds gone is counted too ([`Tensors::uses_after_free`]), and nothing is read.
//!
//! Locks, in the order in which they are taken: the interpreter's and the queue's, never both; then the table's, which is held for no
//! more than its own bookkeeping and the device's.

use crate::device::{Address, Device, OutOfMemory};
use crate::mutation::{Mutation, Mutations};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use crate::trace::{Stamp, Tracer};
use std::collections::BTreeMap;

/// The name of a tensor. It owns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tensor {
    place: usize,
    /// Which of the tensors at that place.
    born: u64,
}

/// Why an operator did nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TensorError {
    /// The interpreter does not hold the tensor.
    #[error("the interpreter does not hold this tensor any more")]
    NotHeld,
    /// The tensor was gone when its block came to read it. Only a defect can make this happen.
    #[error("the tensor was gone when the block came to read it")]
    Gone,
    /// There is no room for a temporary.
    #[error(transparent)]
    OutOfMemory(#[from] OutOfMemory),
}

/// Where an operator's input comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The caller's tensor, as it is.
    Borrowed,
    /// A temporary made from it, because it had to be expanded or copied.
    Expanded,
}

/// A place in the table.
#[derive(Debug, Default)]
struct Place {
    /// The interpreter holds it.
    root: bool,
    /// Shares of operators.
    shares: usize,
    born: u64,
    buffer: Option<Address>,
    /// Operators that mean the tensor, with a share or without one.
    meant: usize,
}

impl Place {
    fn is_alive(&self) -> bool {
        self.root || self.shares > 0
    }
}

/// What an operator works on.
#[derive(Debug, Clone, Copy)]
struct Mine {
    tensor: Tensor,
    /// It has a share.
    owned: bool,
}

#[derive(Debug, Default)]
struct Table {
    places: Vec<Place>,
    /// Names of buffers in logs.
    names: BTreeMap<Address, usize>,
}

/// The tensors of one interpreter, and the serial queue that its operators encode on.
pub struct Tensors {
    device: Arc<dyn Device>,
    /// Of each tensor.
    bytes: u64,
    interpreter: Mutex<()>,
    queue: Mutex<()>,
    table: Mutex<Table>,
    /// Relaxed: a count for whoever asks when all is over.
    after_free: AtomicUsize,
    tracer: Tracer,
    mutations: Mutations,
}

impl std::fmt::Debug for Tensors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tensors").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Tensors {
    /// No tensors yet; each will have so many bytes of the device's memory.
    pub fn new(device: Arc<dyn Device>, bytes: u64) -> Self {
        Self::with(device, bytes, Tracer::default(), Mutations::NONE)
    }

    /// The same, watched and with defects.
    pub fn with(device: Arc<dyn Device>, bytes: u64, tracer: Tracer, mutations: Mutations) -> Self {
        Self {
            device,
            bytes,
            interpreter: Mutex::new(()),
            queue: Mutex::new(()),
            table: Mutex::new(Table::default()),
            after_free: AtomicUsize::new(0),
            tracer,
            mutations,
        }
    }

    /// A new tensor that the interpreter holds.
    ///
    /// # Errors
    /// [`OutOfMemory`]
    pub fn create(&self) -> Result<Tensor, OutOfMemory> {
        // interlock: TL.BufferOfTheLiving
        let _interpreter = lock(&self.interpreter);
        let began = self.tracer.start();
        let mut table = lock(&self.table);
        let tensor = table.born(&*self.device, self.bytes)?;
        table.places[tensor.place].root = true;
        self.tracer.step(began, "Create", |step| table.tell(step.parameter("x", name_of(tensor.place)), tensor.place));
        Ok(tensor)
    }

    /// The interpreter gives a tensor up, if it holds it: whether it did.
    pub fn collect(&self, tensor: Tensor) -> bool {
        let _interpreter = lock(&self.interpreter);
        let began = self.tracer.start();
        let held = |table: &MutexGuard<'_, Table>| table.means(tensor).is_some_and(|place| place.root);
        // Roots change under the interpreter's lock alone.
        if !held(&lock(&self.table)) {
            return false;
        }
        self.tracer.step(began, "BeginCollect", |step| step);
        let began = self.tracer.start();
        let mut table = lock(&self.table);
        let hasty = self.mutations.has(Mutation::HastyCollector);
        let place = &mut table.places[tensor.place];
        place.root = false;
        let gone = if place.shares == 0 || hasty { place.buffer.take() } else { None };
        if gone.is_some() && place.meant > 0 {
            self.tracer.deviates();
        }
        self.tracer.step(began, "Collect", |step| table.tell(step.parameter("x", name_of(tensor.place)), tensor.place));
        gone.into_iter().for_each(|buffer| self.device.release(buffer));
        true
    }

    /// Runs an operator: its block is given the buffer that the tensor has, on the serial queue.
    ///
    /// # Errors
    /// [`TensorError`]
    pub fn operate<R>(&self, tensor: Tensor, input: Input, block: impl FnOnce(Address) -> R) -> Result<R, TensorError> {
        // interlock: TL.OwnedTensorValid
        let began = self.tracer.start();
        let interpreter = lock(&self.interpreter);
        let mut mine = self.prepare(began, tensor, input)?;
        let began = self.tracer.start();
        self.tracer.step(began, "Dispatch", |step| step.thread("t"));
        drop(interpreter);
        let given = self.run(&mut mine, block);
        self.finish(mine);
        given
    }

    /// Enters with a tensor that the interpreter holds, and gets the operator a share of what it will read.
    fn prepare(&self, began: Stamp, tensor: Tensor, input: Input) -> Result<Mine, TensorError> {
        let mut table = lock(&self.table);
        if !table.means(tensor).is_some_and(|place| place.root) {
            return Err(TensorError::NotHeld);
        }
        self.tracer.step(began, "Enter", |step| step.thread("t").parameter("x", name_of(tensor.place)));
        let began = self.tracer.start();
        if input == Input::Expanded
            && let Ok(temporary) = table.born(&*self.device, self.bytes)
        {
            let place = &mut table.places[temporary.place];
            (place.shares, place.meant) = (1, place.meant + 1);
            self.tracer.step(began, "Expand", |step| {
                table.tell(step.thread("t").parameter("y", name_of(temporary.place)), temporary.place)
            });
            return Ok(Mine { tensor: temporary, owned: true });
        }
        // Where there is no room for a temporary the caller's tensor will do.
        let place = &mut table.places[tensor.place];
        place.meant += 1;
        let owned = !self.mutations.has(Mutation::Borrowed) && !self.mutations.has(Mutation::LateCapture);
        place.shares += usize::from(owned);
        self.tracer.step(began, "Capture", |step| step.thread("t"));
        Ok(Mine { tensor, owned })
    }

    /// The block, on the serial queue: it reads the tensor and encodes its buffer.
    fn run<R>(&self, mine: &mut Mine, block: impl FnOnce(Address) -> R) -> Result<R, TensorError> {
        // interlock: TL.NoUseAfterFree, TL.EncodingImpliesValidBuffer
        let began = self.tracer.start();
        let _turn = lock(&self.queue);
        {
            let mut table = lock(&self.table);
            if self.mutations.has(Mutation::LateCapture) && !mine.owned {
                table.places[mine.tensor.place].shares += 1;
                mine.owned = true;
            }
            self.tracer.step(began, "BeginBlock", |step| step.thread("t"));
        }
        let began = self.tracer.start();
        let bound = {
            let table = lock(&self.table);
            let bound = table.means(mine.tensor).filter(|place| place.is_alive()).and_then(|place| place.buffer);
            let read = table.places[mine.tensor.place].buffer;
            self.tracer.step(began, "Bind", |step| step.thread("t").mine("bound", table.name_of_buffer(read)));
            bound
        };
        let given = bound.map(block);
        let began = self.tracer.start();
        let table = lock(&self.table);
        let still = table.means(mine.tensor).is_some_and(|place| place.buffer.is_some() && place.buffer == bound);
        self.tracer.step(began, "Encode", |step| step.thread("t"));
        if !still {
            self.after_free.fetch_add(1, Ordering::Relaxed);
        }
        given.ok_or(TensorError::Gone)
    }

    /// Back on the caller's thread: the share is given up, and the last one takes the buffer with it.
    fn finish(&self, mine: Mine) {
        let began = self.tracer.start();
        let mut table = lock(&self.table);
        let index = mine.tensor.place;
        let place = &mut table.places[index];
        place.meant = place.meant.saturating_sub(1);
        place.shares = place.shares.saturating_sub(usize::from(mine.owned));
        let gone = if place.is_alive() { None } else { place.buffer.take() };
        if gone.is_some() && place.meant > 0 {
            self.tracer.deviates();
        }
        self.tracer.step(began, "Finish", |step| table.tell(step.thread("t"), index));
        gone.into_iter().for_each(|buffer| self.device.release(buffer));
    }

    /// How many blocks have found their tensor gone. Anything but zero is a defect.
    pub fn uses_after_free(&self) -> usize {
        self.after_free.load(Ordering::Relaxed)
    }
}

impl Drop for Tensors {
    fn drop(&mut self) {
        let table = lock(&self.table);
        table.places.iter().filter_map(|place| place.buffer).for_each(|buffer| self.device.release(buffer));
    }
}

impl Table {
    /// A tensor is born at the first place where none lives.
    fn born(&mut self, device: &dyn Device, bytes: u64) -> Result<Tensor, OutOfMemory> {
        let buffer = device.allocate(bytes)?;
        let next = self.names.len();
        self.names.entry(buffer).or_insert(next);
        let free = self.places.iter().position(|place| !place.is_alive() && place.buffer.is_none());
        let index = free.unwrap_or(self.places.len());
        if free.is_none() {
            self.places.push(Place::default());
        }
        let place = &mut self.places[index];
        place.born += 1;
        place.buffer = Some(buffer);
        Ok(Tensor { place: index, born: place.born })
    }

    /// The place of a tensor, if it has not gone to another one.
    fn means(&self, tensor: Tensor) -> Option<&Place> {
        self.places.get(tensor.place).filter(|place| place.born == tensor.born)
    }

    fn name_of_buffer(&self, buffer: Option<Address>) -> String {
        let number = buffer.and_then(|buffer| self.names.get(&buffer));
        number.map_or_else(|| "NoBuffer".to_owned(), |number| format!("b{}", number + 1))
    }

    fn tell(&self, step: crate::trace::Fields, place: usize) -> crate::trace::Fields {
        step.at("buffer", name_of(place), self.name_of_buffer(self.places[place].buffer))
    }
}

fn name_of(place: usize) -> String {
    format!("x{}", place + 1)
}

#[cfg(all(test, not(any(feature = "loom", feature = "shuttle"))))]
mod tests {
    use super::*;
    use crate::device::SimDevice;

    fn tensors(mutations: Mutations) -> (Arc<SimDevice>, Tensors) {
        let device = Arc::new(SimDevice::new(1));
        (device.clone(), Tensors::with(device, 64, Tracer::default(), mutations))
    }

    #[test]
    fn a_tensor_that_is_collected_while_its_block_runs_lives_until_the_block_has_ended() {
        let (device, tensors) = tensors(Mutations::NONE);
        let tensor = tensors.create().expect("there is room");
        let seen = tensors.operate(tensor, Input::Borrowed, |_| {
            assert!(tensors.collect(tensor));
            device.allocated()
        });
        assert_eq!(seen, Ok(64), "the buffer was there while the block ran");
        assert_eq!((device.allocated(), tensors.uses_after_free()), (0, 0));
        assert_eq!(tensors.operate(tensor, Input::Borrowed, |_| ()), Err(TensorError::NotHeld));
    }

    #[test]
    fn a_temporary_goes_with_its_operator_and_leaves_its_place_to_the_next() {
        let (device, tensors) = tensors(Mutations::NONE);
        let tensor = tensors.create().expect("there is room");
        let mine = tensors.operate(tensor, Input::Expanded, |mine| mine).expect("it lives");
        let again = tensors.operate(tensor, Input::Expanded, |mine| mine).expect("it lives");
        assert_eq!((mine, device.allocated()), (again, 64));
        assert!(tensors.collect(tensor) && !tensors.collect(tensor));
        let next = tensors.create().expect("there is room");
        assert_ne!(next, tensor, "the same place, another tensor");
        assert_eq!(tensors.operate(tensor, Input::Borrowed, |_| ()), Err(TensorError::NotHeld));
    }

    #[test]
    fn a_block_that_borrows_finds_its_tensor_gone() {
        let (_, tensors) = tensors(Mutations::only(Mutation::Borrowed));
        let tensor = tensors.create().expect("there is room");
        let seen = tensors.operate(tensor, Input::Borrowed, |_| tensors.collect(tensor));
        assert_eq!((seen, tensors.uses_after_free()), (Ok(true), 1));
    }
}
