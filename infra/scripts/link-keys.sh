#!/bin/sh
# The keys that sign links, sessions and forms: one secret of the key vault, "current" or "current,older".
# Needs: az login as somebody with the role Key Vault Secrets Officer on the vault.
#
#   infra/scripts/link-keys.sh init      make the first key, if there is none
#   infra/scripts/link-keys.sh rotate    a new key signs; links of the one before still work
#   infra/scripts/link-keys.sh drop-old  links of older keys stop working
set -eu

vault=${AZURE_KEY_VAULT_NAME:-$(azd env get-value AZURE_KEY_VAULT_NAME)}
app=${AZURE_FUNCTION_ID:-$(azd env get-value AZURE_FUNCTION_ID)}
secret=link-signing-keys
umask 077
file=$(mktemp)
trap 'rm -f "$file" "$file.error"' EXIT

new_key() { openssl rand -hex 32; }

# Prints the keys; 3 when there are none. A role that was assigned a moment ago takes some minutes to work.
read_keys() {
  tries=0
  while ! az keyvault secret show --vault-name "$vault" --name "$secret" --query value --output tsv 2>"$file.error"; do
    if grep -q SecretNotFound "$file.error"; then return 3; fi
    tries=$((tries + 1))
    if [ $tries -ge 20 ]; then cat "$file.error" >&2; exit 1; fi
    sleep 15
  done
}

# Never as an argument: those are for every process to read.
write_keys() {
  printf %s "$1" >"$file"
  az keyvault secret set --vault-name "$vault" --name "$secret" --file "$file" --encoding utf-8 --output none
  refresh
}

references="https://management.azure.com$app/config/configreferences/appsettings"
refresh() { az rest --method POST --output none --uri "$references/refresh?api-version=2022-03-01"; }

# An app whose reference is not resolved has the reference itself, which is no secret, for a key: it must not be used.
await_resolved() {
  tries=0
  while :; do
    status=$(az rest --method GET --uri "$references/LINK_SIGNING_KEYS?api-version=2022-03-01" \
      --query properties.status --output tsv || true)
    [ "$status" != Resolved ] || return 0
    tries=$((tries + 1))
    if [ $tries -ge 20 ]; then
      echo "The app cannot read its link signing keys ($status). Stop it until it can." >&2
      exit 1
    fi
    sleep 15
    refresh
  done
}

found=0
keys=$(read_keys) || found=$?
case "${1:-}:$found" in
  init:0) echo "There are link signing keys already." ;;
  init:3) write_keys "$(new_key)" && echo "Made the first link signing key." ;;
  rotate:0) write_keys "$(new_key),${keys%%,*}" && echo "A new key signs; links of the one before still work." ;;
  drop-old:0) write_keys "${keys%%,*}" && echo "Links of older keys no longer work." ;;
  *:3) echo "There are no keys yet: init." >&2; exit 1 ;;
  *:0) sed -n '2,7p' "$0" >&2; exit 2 ;;
  *) exit 1 ;;
esac
await_resolved
