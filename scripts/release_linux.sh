#!/usr/bin/env bash
# One file for a classroom without Rust: a tarball and a .deb of the release binary, into target/release-files or the
# folder named. THAW_BIN names a binary that is there already, so that none is built.
set -euo pipefail
[[ -z "${THAW_BIN:-}" ]] || THAW_BIN=$(realpath "$THAW_BIN")
cd "$(dirname "$0")/.."
out=$(realpath -m "${1:-target/release-files}")
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)

if [[ -z "${THAW_BIN:-}" ]]; then
    cargo build --locked --release
    THAW_BIN="${CARGO_TARGET_DIR:-target}/release/thaw"
fi
bin_version=$("$THAW_BIN" --version)
[[ "$bin_version" == "thaw $version" ]] || { echo "$THAW_BIN is $bin_version, not thaw $version" >&2; exit 1; }

# As the package managers call this machine.
machine=$(uname -m)
case "$machine" in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
    *) arch=$machine ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$out"

# usr/ as it will lie on the disk; the tarball has the same.
fill() {
    install -Dm755 "$THAW_BIN" "$1/bin/thaw"
    strip "$1/bin/thaw" 2>/dev/null || true
    install -Dm644 scripts/release/thaw.desktop "$1/share/applications/thaw.desktop"
    install -Dm644 scripts/release/thaw.svg "$1/share/icons/hicolor/scalable/apps/thaw.svg"
    install -Dm644 README.md "$1/share/doc/thaw/README.md"
    local source
    for source in assets/*/SOURCE.md; do
        install -Dm644 "$source" "$1/share/doc/thaw/$(basename "$(dirname "$source")")-SOURCE.md"
    done
}

name="thaw-$version-linux-$machine"
fill "$scratch/$name"
tar -C "$scratch" --owner=0 --group=0 --sort=name -czf "$out/$name.tar.gz" "$name"

deb="$scratch/deb"
fill "$deb/usr"
mkdir -p "$deb/DEBIAN"
# The C library that the binary was linked with is the least it runs on.
libc=$(objdump -T "$deb/usr/bin/thaw" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -V | tail -n 1)
cat > "$deb/DEBIAN/control" <<CONTROL
Package: thaw
Version: $version
Architecture: $arch
Maintainer: Thaw <thaw@localhost>
Installed-Size: $(du -sk "$deb/usr" | cut -f1)
Depends: libc6 (>= $libc), libgcc-s1
Recommends: libgl1, libegl1, libxkbcommon0, libwayland-client0 | libx11-6, ca-certificates, xdg-desktop-portal
Section: education
Priority: optional
Description: Fine-tune BERT text classifiers and see what freezing layers does
 A desktop studio for students: any CSV file, a model and what may train, down
 to every single parameter; loss, accuracy and the confusion matrix live. It
 carries a model and data, and needs no GPU, no network and no Python.
CONTROL
dpkg-deb --root-owner-group --build -Zxz "$deb" "$out/thaw_${version}_$arch.deb" > /dev/null

# What was made is tried as it will be used: unpacked somewhere else, started, trained with.
try="$scratch/try"
mkdir -p "$try/tar" "$try/deb"
tar -C "$try/tar" -xzf "$out/$name.tar.gz"
dpkg-deb --extract "$out/thaw_${version}_$arch.deb" "$try/deb"
for thaw in "$try/tar/$name/bin/thaw" "$try/deb/usr/bin/thaw"; do
    (cd "$try" && "$thaw" --version > /dev/null && "$thaw" params --json | tail -n 1 | grep -q '"trainable"')
done
"$try/deb/usr/bin/thaw" doctor
begun=$(date +%s%N)
"$try/deb/usr/bin/thaw" --version > /dev/null
started=$(( ($(date +%s%N) - begun) / 1000000 ))
(cd "$out" && sha256sum "$name.tar.gz" "thaw_${version}_$arch.deb" > "SHA256SUMS-linux-$machine")

size() { printf '%s  %d bytes\n' "$1" "$(stat -c %s "$1")"; }
size "$out/$name.tar.gz"
size "$out/thaw_${version}_$arch.deb"
printf 'binary  %d bytes, needs glibc %s, answers --version in %d ms\n' "$(stat -c %s "$deb/usr/bin/thaw")" "$libc" "$started"
