#!/usr/bin/env bash
# Fetches the source package of PyTorch 2.6.0 from Debian and unpacks what the scan needs, outside of the project.
#
# Usage: fetch.sh FOLDER
#
# Needs a Debian machine with apt-get; the machine's own lists of packages are not touched.
set -euo pipefail
folder=${1:?usage: fetch.sh FOLDER}
command -v apt-get >/dev/null || { echo "apt-get is missing: run this on Debian" >&2; exit 1; }
mkdir -p "$folder"/apt/{parts,lists/partial,cache/archives/partial}
folder=$(cd "$folder" && pwd)
mirror=$(sed -n 's/^URIs: *\(.*\/debian\) *$/\1/p; s/^deb  *\([^ ]*\/debian\/*\) .*/\1/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
: "${mirror:?no Debian mirror found in /etc/apt}"
printf 'Types: deb-src\nURIs: %s\nSuites: trixie\nComponents: main\nSigned-By: %s\n' \
    "$mirror" /usr/share/keyrings/debian-archive-keyring.gpg > "$folder/apt/parts/trixie.sources"
options=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$folder/apt/parts"
    -o Dir::State::lists="$folder/apt/lists" -o Dir::Cache="$folder/apt/cache")
cd "$folder"
apt-get "${options[@]}" update -qq
apt-get "${options[@]}" source --download-only -qq pytorch
tar -xf pytorch_2.6.0*.orig.tar.xz --wildcards '*/aten/src/*' '*/c10/*' '*/torch/csrc/mps/*'
echo "unpacked: $(ls -d "$folder"/pytorch-*)"
