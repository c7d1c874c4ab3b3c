//! Expressions as lines of tokens.
//!
//! The translator never parses an expression: it copies the tokens and keeps their layout, because the layout of TLA+
//! is part of its syntax (a list of conjuncts is recognised by its columns). When a token is replaced by something
//! wider, whatever stood under it must move along. For that every line has an *anchor*: the last token, in the nearest
//! line above that starts no further to the right, which does not start to the right of this line's first token. When
//! the anchor has moved, the line moves by the same distance.
//!
//! Tokens live in an arena; lines and anchors hold indices. A token that was replaced stays in the arena, since it may
//! still be an anchor.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A symbol or keyword of TLA+.
    Builtin,
    /// A number.
    Number,
    /// A string; the text is what is between the quotes.
    String,
    /// An identifier.
    Identifier,
    /// `pc` or `stack` where the translator put it: it gets the subscript of the process.
    Added,
}

/// A token at a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its text, strings without quotes.
    pub text: String,
    /// Its column. May be too small in made expressions, whose tokens then stand side by side.
    pub column: i32,
    /// Its kind.
    pub kind: Kind,
}

/// Length of a text in columns.
pub fn width(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(i32::MAX)
}

/// So many blanks; none for a negative number.
pub fn blanks(number: i32) -> String {
    " ".repeat(usize::try_from(number).unwrap_or(0))
}

impl Token {
    /// A token.
    pub fn new(text: impl Into<String>, column: i32, kind: Kind) -> Self {
        Self { text: text.into(), column, kind }
    }

    /// How many columns it takes.
    pub fn width(&self) -> i32 {
        width(&self.text) + if self.kind == Kind::String { 2 } else { 0 }
    }

    /// Whether it is this symbol or word, and no string.
    pub fn is(&self, text: &str) -> bool {
        self.kind != Kind::String && self.text == text
    }
}

/// Where a token stands: index of its line, index in the line.
pub type Coordinate = (usize, usize);

/// An expression, possibly empty.
#[derive(Debug, Clone, Default)]
pub struct Expression {
    arena: Vec<Token>,
    lines: Vec<Vec<usize>>,
    /// For each line the anchor and the column at which it was when the line was placed.
    anchors: Vec<Option<(usize, i32)>>,
}

impl Expression {
    /// An expression of these lines, normalised.
    pub fn new(lines: Vec<Vec<Token>>) -> Self {
        let mut result = Self::default();
        for line in lines {
            let first = result.arena.len();
            result.arena.extend(line);
            result.lines.push((first..result.arena.len()).collect());
        }
        result.normalize();
        result
    }

    /// One line of tokens, with so many blanks between them.
    pub fn spaced(tokens: Vec<Token>, gap: i32) -> Self {
        let mut column = 0;
        let mut line = Vec::new();
        for token in tokens {
            let token = Token { column, ..token };
            column += token.width() + gap;
            line.push(token);
        }
        Self::new(vec![line])
    }

    /// The single identifier.
    pub fn identifier(name: &str) -> Self {
        Self::new(vec![vec![Token::new(name, 0, Kind::Identifier)]])
    }

    /// Whether there is no token.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether it is a single token, and which.
    pub fn single(&self) -> Option<&Token> {
        match self.lines.as_slice() {
            [line] => match line.as_slice() {
                [token] => self.arena.get(*token),
                _ => None,
            },
            _ => None,
        }
    }

    /// The tokens, line by line.
    pub fn lines(&self) -> impl Iterator<Item = impl Iterator<Item = &Token>> {
        self.lines.iter().map(|line| line.iter().filter_map(|token| self.arena.get(*token)))
    }

    /// All tokens.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.lines().flatten()
    }

    /// The token at a coordinate.
    pub fn at(&self, (line, index): Coordinate) -> Option<&Token> {
        self.arena.get(*self.lines.get(line)?.get(index)?)
    }

    /// The coordinate so many tokens further.
    pub fn after(&self, (mut line, mut index): Coordinate, steps: usize) -> Option<Coordinate> {
        for _ in 0..steps {
            index += 1;
            while index >= self.lines.get(line)?.len() {
                line += 1;
                index = 0;
            }
        }
        Some((line, index))
    }

    fn column(&self, token: usize) -> i32 {
        self.arena.get(token).map_or(0, |token| token.column)
    }

    fn end_of(&self, token: usize) -> i32 {
        self.arena.get(token).map_or(0, |token| token.column + token.width())
    }

    fn shift(&mut self, line: usize, by: i32) {
        for token in self.lines.get(line).into_iter().flatten() {
            if let Some(token) = self.arena.get_mut(*token) {
                token.column += by;
            }
        }
    }

    /// Takes empty lines at both ends away, puts the leftmost line at column 0, and finds the anchors.
    pub fn normalize(&mut self) {
        let full = |line: &Vec<usize>| !line.is_empty();
        let first = self.lines.iter().position(full).unwrap_or(self.lines.len());
        self.lines.drain(..first);
        let last = self.lines.iter().rposition(full).map_or(0, |last| last + 1);
        self.lines.truncate(last);
        let starts = self.lines.iter().filter_map(|line| line.first());
        let leftmost = starts.map(|token| self.column(*token)).min().unwrap_or(0);
        for line in 0..self.lines.len() {
            self.shift(line, -leftmost);
        }
        self.anchors = (0..self.lines.len()).map(|line| self.find_anchor(line)).collect();
    }

    fn find_anchor(&self, line: usize) -> Option<(usize, i32)> {
        let start = self.column(*self.lines.get(line)?.first()?);
        let above = self.lines.get(..line)?.iter().rev();
        let holder = above.into_iter().find(|line| line.first().is_some_and(|token| self.column(*token) <= start))?;
        let anchor = *holder.iter().take_while(|token| self.column(**token) <= start).last()?;
        Some((anchor, self.column(anchor)))
    }

    /// Moves every line by as much as its anchor has moved, from above.
    fn renormalize(&mut self) {
        for line in 0..self.lines.len() {
            if let Some(Some((anchor, before))) = self.anchors.get(line).copied() {
                let now = self.column(anchor);
                self.shift(line, now - before);
                self.anchors[line] = Some((anchor, self.column(anchor)));
            }
        }
    }

    /// A copy with fresh anchors.
    pub fn copy(&self) -> Self {
        Self::new(self.lines().map(|line| line.cloned().collect()).collect())
    }

    /// Puts an expression in front, with so many blanks between.
    pub fn prepend(&mut self, other: &Self, gap: i32) {
        let Some(last) = other.lines.len().checked_sub(1) else { return };
        if self.lines.is_empty() {
            self.lines.push(Vec::new());
            self.anchors.push(None);
        }
        let offset = self.arena.len();
        self.arena.extend(other.arena.iter().cloned());
        let mut lines: Vec<Vec<usize>> =
            other.lines.iter().map(|line| line.iter().map(|token| token + offset).collect()).collect();
        let mut anchors: Vec<Option<(usize, i32)>> =
            other.anchors.iter().map(|anchor| anchor.map(|(token, column)| (token + offset, column))).collect();
        let end = lines.get(last).and_then(|line| line.last()).map_or(0, |token| self.end_of(*token));
        self.shift(0, end + gap);
        let mut own = std::mem::take(&mut self.lines).into_iter();
        lines[last].extend(own.next().into_iter().flatten());
        lines.extend(own);
        anchors.extend(self.anchors.iter().skip(1).copied());
        self.lines = lines;
        self.anchors = anchors;
        self.renormalize();
    }

    /// The expression in brackets, as a subscript.
    pub fn subscript(&self) -> Self {
        let mut lines: Vec<Vec<Token>> = self.lines().map(|line| line.cloned().collect()).collect();
        for token in lines.iter_mut().flatten() {
            token.column += 1;
        }
        if let Some(first) = lines.first_mut() {
            first.insert(0, Token::new("[", 0, Kind::Builtin));
        }
        // The closing bracket counts the characters of the last token without quotes: that is where the original
        // puts it, and what is aligned behind it depends on it.
        let mut result = Self::new(lines);
        if let Some(line) = result.lines.last_mut() {
            let end = line.last().and_then(|token| result.arena.get(*token));
            let column = end.map_or(0, |token| token.column + width(&token.text));
            line.push(result.arena.len());
            result.arena.push(Token::new("]", column, Kind::Builtin));
        }
        result
    }

    /// The expression without its first token.
    pub fn without_first(&self) -> Self {
        let mut lines: Vec<Vec<Token>> = self.lines().map(|line| line.cloned().collect()).collect();
        if let Some(first) = lines.first_mut().filter(|line| !line.is_empty()) {
            first.remove(0);
        }
        Self::new(lines)
    }

    /// The text, line by line.
    pub fn render(&self) -> Vec<String> {
        let line_of = |(line, anchor): (&Vec<usize>, &Option<(usize, i32)>)| {
            let mut text = blanks(anchor.map_or(0, |(token, column)| self.column(token) - column));
            let mut previous: Option<usize> = None;
            for index in line {
                let column = self.column(*index);
                text.push_str(&blanks(previous.map_or(column, |before| column - self.end_of(before))));
                if let Some(token) = self.arena.get(*index) {
                    let quote = if token.kind == Kind::String { "\"" } else { "" };
                    text.push_str(&format!("{quote}{}{quote}", token.text));
                }
                previous = Some(*index);
            }
            text
        };
        self.lines.iter().zip(&self.anchors).map(line_of).collect()
    }
}

/// Putting expressions in the place of identifiers.
impl Expression {
    /// The next identifier from a coordinate on that is one of `names` and no field of a record.
    fn next_of(&self, names: &[String], from: Coordinate) -> Option<(Coordinate, usize)> {
        let mut here = if self.at(from).is_some() { from } else { return None };
        loop {
            let token = self.at(here)?;
            let ahead = self.after(here, 2).and_then(|place| self.at(place));
            let names_field = ahead.is_some_and(|token| token.is(":") || token.is("|->") || token.is("↦"));
            let steps = if token.kind == Kind::String {
                1
            } else if token.text == "." {
                2
            } else if (token.text == "[" || token.text == ",") && names_field {
                3
            } else if let Some(index) = names.iter().position(|name| *name == token.text) {
                return Some((here, index));
            } else {
                1
            };
            here = self.after(here, steps)?;
        }
    }

    /// Puts `values` in the place of `names`; in parentheses, if asked for and if more than one token meets others.
    pub fn substitute(&mut self, names: &[String], values: &[Self], parentheses: bool) {
        let mut from = Some((0, 0));
        while let Some(start) = from {
            let Some((place, index)) = self.next_of(names, start) else { return };
            let Some(value) = values.get(index) else { return };
            from = self.substitute_at(value, place, parentheses);
        }
    }

    /// Puts a value in the place of one token; what follows it, if anything.
    fn substitute_at(&mut self, value: &Self, (row, index): Coordinate, parentheses: bool) -> Option<Coordinate> {
        if self.single().is_some() {
            *self = value.copy();
            return None;
        }
        let token = *self.lines.get(row)?.get(index)?;
        let rest = self.lines.get_mut(row)?.split_off(index + 1);
        let gap = rest.first().map_or(0, |next| self.column(*next) - self.end_of(token));
        let last_row = match value.single() {
            Some(only) => {
                let slot = self.arena.get_mut(token)?;
                *slot = Token { column: slot.column, ..only.clone() };
                row
            }
            None => self.insert(value, row, token, parentheses),
        };
        let result = (last_row, self.lines.get(last_row)?.len() - 1);
        if let Some(first) = rest.first() {
            let end = self.lines.get(last_row)?.last().map_or(0, |token| self.end_of(*token));
            let indent = end + gap - self.column(*first);
            for moved in &rest {
                self.arena.get_mut(*moved)?.column += indent;
            }
            self.lines.get_mut(last_row)?.extend(rest);
        }
        self.renormalize();
        self.after(result, 1)
    }

    /// Inserts a value of several tokens where `token`, the last of its line, stands; the row of its end.
    fn insert(&mut self, value: &Self, row: usize, token: usize, parentheses: bool) -> usize {
        let value = value.copy();
        let offset = self.arena.len();
        let start = self.column(token);
        self.arena.extend(value.arena.iter().cloned());
        let mut current = row;
        for (number, line) in value.lines.iter().enumerate() {
            let mut added: Vec<usize> = line.iter().map(|index| index + offset).collect();
            if number == 0 {
                for index in &added {
                    self.arena[*index].column += start + i32::from(parentheses);
                }
                let place = self.arena[token].column;
                if parentheses {
                    self.arena[token] = Token::new("(", place, Kind::Builtin);
                } else if let Some(first) = added.first().copied() {
                    // The place of the replaced token is taken by a copy: the first token of the value stays in the
                    // arena as the anchor of its own following lines.
                    self.arena[token] = Token { column: place, ..self.arena[first].clone() };
                    added.remove(0);
                }
                self.lines[current].extend(added);
            } else {
                current += 1;
                let anchor = value.anchors.get(number).copied().flatten();
                self.lines.insert(current, added);
                self.anchors.insert(current, anchor.map(|(index, column)| (index + offset, column)));
            }
        }
        if parentheses {
            let end = self.lines[current].last().map_or(0, |last| self.end_of(*last));
            self.lines[current].push(self.arena.len());
            self.arena.push(Token::new(")", end, Kind::Builtin));
        }
        current
    }
}
