#!/bin/sh
# Lays out in dist/package what is deployed: the app, which brings all that it needs in a few files, and host.json.
set -eu
cd "$(dirname "$0")/../.."

[ -e node_modules ] || npm ci
npm run -s build
rm -rf dist/package
mkdir -p dist/package/dist
cp -R dist/app dist/package/dist/
cp host.json dist/package/

# Without scripts and dependencies azd, too, finds nothing left to build or to install in there.
node -e '
  const fs = require("node:fs")
  const { devDependencies, dependencies, overrides, scripts, allowScripts, ...rest } = JSON.parse(fs.readFileSync("package.json", "utf8"))
  fs.writeFileSync("dist/package/package.json", JSON.stringify(rest, null, 2))'
