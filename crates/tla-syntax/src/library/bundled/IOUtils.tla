------------------------------- MODULE IOUtils --------------------------------
\* Files, environment variables and other programs. They have no definition in TLA+, so the definitions are unbounded
\* choices; the evaluator does the work, and declines to start programs.
LOCAL INSTANCE TLC
LOCAL INSTANCE Integers
LOCAL INSTANCE Sequences
LOCAL INSTANCE SequencesExt

\* Values in TLC's own binary form.
IOSerialize(val, absoluteFilename, compress) == CHOOSE done : done \in BOOLEAN
IODeserialize(absoluteFilename, compressed) == CHOOSE val : TRUE

\* Text files. The options say the format and the character set, and when writing how the file is opened. The answer is a
\* record of exit value, output and error message.
Serialize(value, dest, options) == CHOOSE answer : TRUE
Deserialize(src, options) == CHOOSE answer : TRUE

\* Programs: a command, with other environment variables, from a template.
IOExec(command) == CHOOSE answer : TRUE
IOEnvExec(env, command) == CHOOSE answer : TRUE
IOExecTemplate(commandTemplate, parameters) == CHOOSE answer : TRUE
IOEnvExecTemplate(env, commandTemplate, parameters) == CHOOSE answer : TRUE

\* The environment variables as a record of strings.
IOEnv == CHOOSE variables : TRUE

\* The integer that a string spells.
atoi(str) == CHOOSE i \in Int : ToString(i) = str

\* A number with zeros in front, at least `width` characters long.
zeroPadN(n, width) ==
    LET digits == ToString(n)
        RECURSIVE Zeros(_)
        Zeros(count) == IF count <= 0 THEN "" ELSE "0" \o Zeros(count - 1)
    IN  Zeros(width - Len(digits)) \o digits
===============================================================================
