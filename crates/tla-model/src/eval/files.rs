//! Modules `CSV` and `IOUtils`: text files and environment variables; programs are started in `programs`.

use super::outside::WriteMode;
use super::{Machine, kind_word};
use crate::error::{ErrorClass, EvalError, Evaluated};
use crate::ir::Primitive;
use crate::value::Value;
use std::io::ErrorKind;
use std::sync::Arc;

impl Machine<'_> {
    /// The operators of module `CSV`.
    pub(super) fn csv_operator(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        match (operator, arguments) {
            (Primitive::CsvWrite, [template, parts, path]) => {
                let template = self.string_argument(operator, template)?;
                let parts = self.printed_sequence(operator, parts)?;
                let line = filled(operator, &template, &parts)?;
                self.write(operator, path, &(line + "\n"), WriteMode::APPEND)
            }
            (Primitive::CsvWriteRecord, [record, delimiter, headers, path]) => {
                self.write_record(operator, [record, delimiter, headers, path])
            }
            (Primitive::CsvRead, [columns, delimiter, path]) => self.read_records(operator, columns, delimiter, path),
            (Primitive::CsvRecords, [path]) => {
                let text = self.read_if_there(operator, path)?;
                Ok(Value::Int(text.map_or(0, |text| text.lines().count()) as i64))
            }
            _ => Err(EvalError::undefined(format!("{} is no operator of module CSV", operator.spelling()))),
        }
    }

    fn write_record(&mut self, operator: Primitive, arguments: [&Value; 4]) -> Evaluated<Value> {
        let [record, delimiter, headers, path] = arguments;
        let delimiter = self.string_argument(operator, delimiter)?;
        let record = self.force(record)?;
        let (Value::Record(node), Value::Bool(headers)) = (&record, headers) else {
            return Err(self.bad_argument(operator, &record, "a record, and TRUE or FALSE for the headers"));
        };
        let mut text = String::new();
        if *headers {
            let names: Vec<_> = node.fields.iter().map(|field| self.names.text(*field).to_string()).collect();
            text.push_str(&(names.join(&delimiter) + "\n"));
        }
        let values: Vec<_> = node.values.iter().map(|value| self.show(value)).collect();
        text.push_str(&(values.join(&delimiter) + "\n"));
        self.write(operator, path, &text, WriteMode::APPEND)
    }

    fn read_records(
        &mut self,
        operator: Primitive,
        columns: &Value,
        delimiter: &Value,
        path: &Value,
    ) -> Evaluated<Value> {
        let columns = self.sequence(columns, operator)?;
        let delimiter = self.string_argument(operator, delimiter)?;
        // TLC takes the delimiter for a regular expression.
        if delimiter.is_empty() || delimiter.contains(|c: char| "\\^$.|?*+()[]{}".contains(c)) {
            return Err(EvalError::new(ErrorClass::Declined, format!("CSVRead with the delimiter {delimiter:?}"))
                .with_remedy("use a delimiter that has no special meaning in regular expressions"));
        }
        let text = self.read_if_there(operator, path)?.unwrap_or_default();
        let mut records = Vec::new();
        for line in text.lines() {
            let mut parts: Vec<&str> = line.split(&*delimiter).collect();
            while parts.len() > 1 && parts.last().is_some_and(|part| part.is_empty()) {
                parts.pop();
            }
            if parts.len() != columns.len() {
                return Err(EvalError::undefined(format!(
                    "CSVRead: a line has {} parts, but there are {} columns: {line}",
                    parts.len(),
                    columns.len()
                )));
            }
            let pairs = columns.iter().cloned().zip(parts.iter().map(|part| self.string_value(part))).collect();
            records.push(self.function_from_pairs(pairs)?);
        }
        Ok(Value::tuple(records))
    }

    /// The operators of module `IOUtils`.
    pub(super) fn io_operator(&mut self, operator: Primitive, arguments: &[Value]) -> Evaluated<Value> {
        match (operator, arguments) {
            (Primitive::Serialize, [value, path, options]) => self.serialize(operator, value, path, options),
            (Primitive::Deserialize, [path, options]) => {
                self.text_format(operator, options)?;
                let path = self.string_argument(operator, path)?;
                Ok(match self.surroundings.read_file(&path) {
                    Ok(text) => self.answer(0, &text, ""),
                    Err(error) if error.kind() == ErrorKind::Unsupported => return Err(out_of_bounds(operator)),
                    Err(error) => self.answer(1, "", &format!("cannot read {path}: {error}")),
                })
            }
            (Primitive::IoEnv, []) => {
                let Some(variables) = self.surroundings.environment() else { return Err(out_of_bounds(operator)) };
                let pairs =
                    variables.iter().map(|(name, value)| (self.string_value(name), self.string_value(value))).collect();
                self.function_from_pairs(pairs)
            }
            (Primitive::Atoi, [text]) => {
                let digits = self.string_argument(operator, text)?;
                match digits.parse::<i32>() {
                    Ok(number) => Ok(Value::Int(number.into())),
                    Err(_) => Err(self.bad_argument(operator, text, "a string that spells an integer")),
                }
            }
            (Primitive::IoSerialize | Primitive::IoDeserialize, _) => Err(EvalError::new(
                ErrorClass::Declined,
                format!("{} uses the binary form of TLC's values, which is not supported", operator.spelling()),
            )
            .with_remedy("use JsonSerialize and JsonDeserialize of module Json")),
            (
                Primitive::IoExec | Primitive::IoEnvExec | Primitive::IoExecTemplate | Primitive::IoEnvExecTemplate,
                _,
            ) => self.start_program(operator, arguments),
            _ => Err(EvalError::undefined(format!("{} is no operator of module IOUtils", operator.spelling()))),
        }
    }

    fn serialize(&mut self, operator: Primitive, value: &Value, path: &Value, options: &Value) -> Evaluated<Value> {
        let format = self.format(operator, options)?;
        let open_options = self.field(options, self.names.string("openOptions"))?;
        let mode = self.write_mode(operator, &open_options)?;
        let path = self.string_argument(operator, path)?;
        let text = match &*format {
            "NDJSON" => self.json_lines(operator, value)?,
            _ => self.string_argument(operator, value)?.to_string(),
        };
        let is_json = &*format == "NDJSON";
        Ok(match self.surroundings.write_file(&path, &text, mode) {
            Ok(()) if is_json => Value::Bool(true),
            Ok(()) => self.answer(0, "Finish writing to the file with success!", ""),
            Err(error) if error.kind() == ErrorKind::Unsupported => return Err(out_of_bounds(operator)),
            Err(error) => self.answer(1, "", &format!("cannot write {path}: {error}")),
        })
    }

    /// The format in a record of options; the character set must be one in which the text is what it is in UTF-8.
    fn format(&mut self, operator: Primitive, options: &Value) -> Evaluated<Arc<str>> {
        let format = self.field(options, self.names.string("format"))?;
        let format = self.string_argument(operator, &format)?;
        if !["TXT", "NDJSON"].contains(&&*format) {
            return Err(EvalError::new(
                ErrorClass::Declined,
                format!("{} in the format {format}", operator.spelling()),
            )
            .with_remedy("the formats are TXT and, for writing, NDJSON"));
        }
        let charset = self.field(options, self.names.string("charset"))?;
        let charset = self.string_argument(operator, &charset)?;
        if !charset.eq_ignore_ascii_case("UTF-8") {
            return Err(EvalError::new(
                ErrorClass::Declined,
                format!("{} in the character set {charset}", operator.spelling()),
            )
            .with_remedy("use UTF-8"));
        }
        Ok(format)
    }

    fn text_format(&mut self, operator: Primitive, options: &Value) -> Evaluated<()> {
        match &*self.format(operator, options)? {
            "TXT" => Ok(()),
            other => {
                Err(EvalError::new(ErrorClass::Declined, format!("{} in the format {other}", operator.spelling()))
                    .with_remedy("use ndJsonDeserialize of module Json"))
            }
        }
    }

    fn write_mode(&mut self, operator: Primitive, options: &Value) -> Evaluated<WriteMode> {
        let mut mode = WriteMode::default();
        for option in self.sequence(options, operator)? {
            match &*self.string_argument(operator, &option)? {
                "WRITE" => {}
                "APPEND" => mode.append = true,
                "CREATE" => mode.create = true,
                "CREATE_NEW" => mode.create_new = true,
                "TRUNCATE_EXISTING" => mode.truncate = true,
                other => {
                    return Err(EvalError::new(ErrorClass::Declined, format!("the way {other} to open a file"))
                        .with_remedy("use WRITE, APPEND, CREATE, CREATE_NEW and TRUNCATE_EXISTING"));
                }
            }
        }
        Ok(mode)
    }

    pub(super) fn answer(&self, exit_value: i64, output: &str, error: &str) -> Value {
        let mut fields = [
            (self.names.string("exitValue"), Value::Int(exit_value)),
            (self.names.string("stdout"), self.string_value(output)),
            (self.names.string("stderr"), self.string_value(error)),
        ];
        fields.sort_by(|a, b| self.names.compare(a.0, b.0));
        let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
        Value::record(names.into(), values)
    }

    pub(super) fn write(&mut self, operator: Primitive, path: &Value, text: &str, mode: WriteMode) -> Evaluated<Value> {
        let path = self.string_argument(operator, path)?;
        match self.surroundings.write_file(&path, text, mode) {
            Ok(()) => Ok(Value::Bool(true)),
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(out_of_bounds(operator)),
            Err(error) => Err(failed(operator, &path, &error)),
        }
    }

    pub(super) fn read(&mut self, operator: Primitive, path: &Value) -> Evaluated<String> {
        let path = self.string_argument(operator, path)?;
        self.surroundings.read_file(&path).map_err(|error| match error.kind() {
            ErrorKind::Unsupported => out_of_bounds(operator),
            _ => failed(operator, &path, &error),
        })
    }

    fn read_if_there(&mut self, operator: Primitive, path: &Value) -> Evaluated<Option<String>> {
        let path = self.string_argument(operator, path)?;
        match self.surroundings.read_file(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == ErrorKind::Unsupported => Err(out_of_bounds(operator)),
            Err(error) => Err(failed(operator, &path, &error)),
        }
    }

    pub(super) fn string_argument(&self, operator: Primitive, value: &Value) -> Evaluated<Arc<str>> {
        match value {
            Value::String(id) => Ok(self.names.text(*id)),
            other => Err(self.bad_argument(operator, other, "a string")),
        }
    }

    pub(super) fn bad_argument(&self, operator: Primitive, value: &Value, wanted: &str) -> Box<EvalError> {
        EvalError::undefined(format!(
            "{} needs {wanted}, found {} {}",
            operator.spelling(),
            kind_word(value),
            self.show(value)
        ))
    }

    fn printed_sequence(&mut self, operator: Primitive, value: &Value) -> Evaluated<Vec<String>> {
        let mut printed = Vec::new();
        for part in self.sequence(value, operator)? {
            printed.push(self.show_forced(&part));
        }
        Ok(printed)
    }
}

fn failed(operator: Primitive, path: &str, error: &std::io::Error) -> Box<EvalError> {
    EvalError::undefined(format!("{} of the file {path}: {error}", operator.spelling()))
}

pub(super) fn out_of_bounds(operator: Primitive) -> Box<EvalError> {
    EvalError::new(ErrorClass::Declined, format!("{} reaches outside, which is not possible here", operator.spelling()))
}

/// Fills the places of a template: `%s` is the next part, `%2$s` the second, `%%` a percent sign, `%n` a line end.
pub(super) fn filled(operator: Primitive, template: &str, parts: &[String]) -> Evaluated<String> {
    let mut text = String::new();
    let mut rest = template.chars().peekable();
    let mut next = 0;
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let mut digits = String::new();
        while let Some(digit) = rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let place = match (digits.parse::<usize>(), rest.next_if_eq(&'$')) {
            (Ok(place), Some(_)) => place.checked_sub(1),
            (Err(_), None) => {
                next += 1;
                Some(next - 1)
            }
            _ => None,
        };
        match (rest.next(), place) {
            (Some('%'), Some(_)) if digits.is_empty() => {
                next -= 1;
                text.push('%');
            }
            (Some('n'), Some(_)) if digits.is_empty() => {
                next -= 1;
                text.push('\n');
            }
            (Some('s'), Some(place)) => match parts.get(place) {
                Some(part) => text.push_str(part),
                None => {
                    return Err(EvalError::undefined(format!(
                        "{}: the template {template} asks for part {}, but there are {}",
                        operator.spelling(),
                        place + 1,
                        parts.len()
                    )));
                }
            },
            _ => {
                return Err(EvalError::new(
                    ErrorClass::Declined,
                    format!("{} with the template {template}", operator.spelling()),
                )
                .with_remedy("write %1$s for the first part, %2$s for the second, and %% for a percent sign"));
            }
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{Primitive, filled};

    #[test]
    fn parts_are_put_in_by_number_or_in_order() {
        let parts = ["a".to_owned(), "b".to_owned()];
        assert_eq!(filled(Primitive::CsvWrite, "%2$s-%1$s", &parts).ok().as_deref(), Some("b-a"));
        assert_eq!(filled(Primitive::CsvWrite, "%s%%%s", &parts).ok().as_deref(), Some("a%b"));
    }

    #[test]
    fn a_template_that_asks_for_too_much_is_an_error() {
        assert!(filled(Primitive::CsvWrite, "%3$s", &["a".to_owned()]).is_err());
        assert!(filled(Primitive::CsvWrite, "%1$d", &["a".to_owned()]).is_err());
        assert!(filled(Primitive::CsvWrite, "%", &[]).is_err());
    }
}
