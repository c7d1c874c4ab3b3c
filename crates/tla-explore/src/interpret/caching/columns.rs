//! Answers, computed once for each value of a variable.
//!
//! Every question is about one variable, and a variable's value is known by its word. So an answer is a function of a
//! word: each variable has a table with a row for each word that was met and a column for each question about it. The
//! cells are small numbers, equal if and only if the answers are, so that walking a [decision tree](super::tree) looks at
//! no value at all.

use hashbrown::HashTable;
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tla_model::eval::footprint::Probe;
use tla_model::value::Value;
use tla_model::value::names::Names;

/// Number of a question about a variable.
pub type ProbeNumber = u32;

/// Number of an answer to a question; 0 stands for *not asked yet*.
pub type AnswerNumber = u32;

/// A row that was not looked up.
pub const NO_ROW: u32 = u32::MAX;

/// What gives values for words.
pub trait Values {
    /// The value that a word stands for.
    fn value_of(&mut self, word: u32) -> Value;
}

/// States that are asked.
pub struct State<'s, V> {
    /// The words of the current state's variables, then those of the next state's where one is given.
    pub words: [&'s [u32]; 2],
    /// Where the values were found in the tables; [`NO_ROW`] for a variable that was not looked up yet.
    pub rows: [&'s mut [u32]; 2],
    /// Names of the model.
    pub names: &'s Names,
    /// What gives values for words.
    pub values: &'s mut V,
}

/// A question and the answers that it got.
struct Question {
    probe: Rc<Probe>,
    /// Whether it is for the whole value: then each row has its own answer.
    whole: bool,
    numbers: HashTable<(Value, AnswerNumber)>,
    absent: AnswerNumber,
    answers: u32,
}

impl Question {
    fn new(probe: Rc<Probe>) -> Self {
        let whole = matches!(&*probe, Probe::Value(place) if place.path.is_empty());
        Self { probe, whole, numbers: HashTable::new(), absent: 0, answers: 0 }
    }

    fn fresh(&mut self) -> AnswerNumber {
        self.answers += 1;
        self.answers
    }

    fn number(&mut self, answer: Option<&Value>) -> AnswerNumber {
        let Some(value) = answer else {
            if self.absent == 0 {
                self.absent = self.fresh();
            }
            return self.absent;
        };
        let hash = value.structural_hash();
        if let Some((_, known)) = self.numbers.find(hash, |(known, _)| known.structurally_equal(value)) {
            return *known;
        }
        let number = self.fresh();
        self.numbers.insert_unique(hash, (value.clone(), number), |(known, _)| known.structural_hash());
        number
    }
}

/// The table of a variable.
#[derive(Default)]
struct Column {
    rows: FxHashMap<u32, u32>,
    words: Vec<u32>,
    width: usize,
    cells: Vec<AnswerNumber>,
    questions: Vec<Question>,
    numbers: FxHashMap<Rc<Probe>, ProbeNumber>,
}

impl Column {
    fn row(&mut self, word: u32) -> u32 {
        if let Some(row) = self.rows.get(&word) {
            return *row;
        }
        let row = self.words.len() as u32;
        self.words.push(word);
        self.cells.resize(self.words.len() * self.width, 0);
        self.rows.insert(word, row);
        row
    }

    fn question(&mut self, probe: &Rc<Probe>) -> ProbeNumber {
        if let Some(number) = self.numbers.get(probe) {
            return *number;
        }
        let number = self.questions.len() as ProbeNumber;
        self.questions.push(Question::new(probe.clone()));
        self.numbers.insert(probe.clone(), number);
        if self.questions.len() > self.width {
            self.widen();
        }
        number
    }

    fn widen(&mut self) {
        let width = (2 * self.width).max(4);
        let mut cells = vec![0; self.words.len() * width];
        for (row, new) in cells.chunks_exact_mut(width).enumerate() {
            let old = &self.cells[row * self.width..(row + 1) * self.width];
            new[..self.width].copy_from_slice(old);
        }
        self.cells = cells;
        self.width = width;
    }
}

/// The tables of all variables.
pub struct Columns {
    columns: Vec<Column>,
}

impl Columns {
    /// Empty tables.
    pub fn new(variables: usize) -> Self {
        Self { columns: (0..variables).map(|_| Column::default()).collect() }
    }

    /// The number of a question.
    pub fn question(&mut self, probe: &Rc<Probe>) -> ProbeNumber {
        let column = probe.place().variable as usize % self.columns.len();
        self.columns[column].question(probe)
    }

    /// The answer to a question about a variable in the given states.
    #[inline]
    pub fn answer<V: Values>(
        &mut self,
        variable: u32,
        question: ProbeNumber,
        state: &mut State<'_, V>,
    ) -> AnswerNumber {
        let mut index = variable as usize;
        let side = usize::from(index >= self.columns.len());
        index -= side * self.columns.len();
        let column = &mut self.columns[index];
        let word = state.words[side][index];
        let mut row = state.rows[side][index];
        if row == NO_ROW {
            row = column.row(word);
            state.rows[side][index] = row;
        }
        let cell = row as usize * column.width + question as usize;
        match column.cells[cell] {
            0 => {
                let question = &mut column.questions[question as usize];
                let number = if question.whole {
                    row + 1
                } else {
                    let value = state.values.value_of(word);
                    question.number(question.probe.clone().answer_in(state.names, &value).value())
                };
                column.cells[cell] = number;
                number
            }
            known => known,
        }
    }

    /// How much is kept, in cells and rows.
    pub fn size(&self) -> usize {
        self.columns.iter().map(|column| column.cells.len() + 6 * column.words.len()).sum()
    }
}
