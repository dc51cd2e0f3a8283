#!/bin/sh
# bench/core/mio/build.sh DIRECTORY - build the program for Rust's mio with
# cargo, and print where it is. Builds a copy in DIRECTORY, so that nothing is
# written beside the sources; that of the last time is kept.
set -eu

sources=$(dirname "$(readlink -f "$0")")
directory=$1

for cargo in cargo "${CARGO_HOME:-${HOME:-/root}/.cargo}/bin/cargo" ''; do
    command -v "$cargo" >/dev/null 2>&1 && break
done
if [ -z "$cargo" ]; then
    echo "there is no cargo here" >&2
    exit 1
fi
mkdir -p "$directory/src"
for file in Cargo.toml src/main.rs; do
    # Only if it differs, or cargo builds it anew each time.
    cmp -s "$sources/$file" "$directory/$file" ||
        cp -L "$sources/$file" "$directory/$file"
done
cd "$directory"
"$cargo" build --quiet --release >&2
echo "$directory/target/release/bench_core_mio"
