#!/bin/sh
# Records what TLC prints for the specifications here: JAR is TLC's jar. Run from this folder; read the difference.
set -eu
tlc() { java -XX:+UseParallelGC -cp "$JAR" tlc2.TLC -metadir "${TMPDIR:-/tmp}/tlc-metadir" -noGenerateSpecTE "$@" 2>&1 || true; }
while read -r name spec; do
    tlc -config "$name.cfg" "$spec" > "recorded/$name.txt"
    tlc -tool -coverage 1 -config "$name.cfg" "$spec" > "recorded/$name.tool.txt"
done < cases.txt
# The machine's paths, versions and processes are nobody's business.
sed -i -e 's|^\(Parsing file\) .*/|\1 |' -e 's/^\(TLC2 Version\) .*/\1 X/' -e 's/^\(Running .*\) with .*/\1 with X/' recorded/*.txt
