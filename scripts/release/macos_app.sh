#!/usr/bin/env bash
# macos_app.sh BINARY MACHINE OUT: an app that macOS opens, in a zip. It is signed for this machine alone (ad hoc): on
# others it is opened the first time by a right click and Open.
set -euo pipefail
binary=$1 machine=$2 out=$3
cd "$(dirname "$0")/../.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
app="$(mktemp -d)/Thaw.app"
mkdir -p "$app/Contents/MacOS" "$out"
cp "$binary" "$app/Contents/MacOS/thaw"
cat > "$app/Contents/Info.plist" <<PLIST
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>CFBundleExecutable</key><string>thaw</string>
  <key>CFBundleIdentifier</key><string>studio.thaw.Thaw</string>
  <key>CFBundleName</key><string>Thaw</string>
  <key>CFBundlePackageType</key><string>APPL</string>
  <key>CFBundleShortVersionString</key><string>$version</string>
  <key>CFBundleVersion</key><string>$version</string>
  <key>LSMinimumSystemVersion</key><string>11.0</string>
  <key>NSHighResolutionCapable</key><true/>
</dict></plist>
PLIST
codesign --force --sign - "$app"
ditto -c -k --keepParent "$app" "$out/thaw-$version-macos-$machine.zip"
