#!/bin/sh
# Lays out in dist/package what is deployed: the build, host.json and production dependencies, by the lockfile.
set -eu
cd "$(dirname "$0")/../.."

[ -e node_modules ] || npm ci
npm run -s build
rm -rf dist/package
mkdir -p dist/package/dist
cp -R dist/functions dist/src dist/package/dist/
find dist/package/dist -name '*.map' -exec rm {} +
cp host.json package-lock.json dist/package/

# Without scripts and development dependencies azd, too, finds nothing left to build or to install in there.
node -e '
  const fs = require("node:fs")
  const { devDependencies, scripts, allowScripts, ...rest } = JSON.parse(fs.readFileSync("package.json", "utf8"))
  fs.writeFileSync("dist/package/package.json", JSON.stringify(rest, null, 2))'
cd dist/package
npm ci --omit=dev --ignore-scripts --no-audit --no-fund
