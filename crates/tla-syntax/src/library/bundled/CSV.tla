--------------------------------- MODULE CSV ----------------------------------
\* Files of lines whose parts stand between delimiters. Files have no definition in TLA+, so the definitions are unbounded
\* choices; the evaluator does the work.
LOCAL INSTANCE TLC
LOCAL INSTANCE Integers

\* Appends a line to a file: the template with the parts of the sequence `val` put in for %1$s, %2$s and so on.
CSVWrite(template, val, file) == CHOOSE done : done \in BOOLEAN

\* Appends the values of a record as a line, after a line with the names of the fields if `headers` is TRUE.
CSVWriteRecord(record, delim, headers, file) == CHOOSE done : done \in BOOLEAN

\* The lines of a file as a sequence of records; `columns` is the sequence of the names of the fields.
CSVRead(columns, delimiter, file) == CHOOSE lines : TRUE

\* The number of lines; 0 if there is no such file.
CSVRecords(file) == CHOOSE count : count \in Nat
===============================================================================
