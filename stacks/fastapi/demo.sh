#!/bin/sh
# Shows the main job of infra on this stack, in the sandbox: plan, apply, an empty plan, drift, repair, destroy.
# usage: infra sandbox run -- sh demo.sh INFRA
set -eu
infra=$1
stack=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

case "${AWS_ENDPOINT_URL:-}" in
http://127.0.0.1:*) ;;
*)
  echo "demo: AWS_ENDPOINT_URL is not the sandbox's; run it with: infra sandbox run -- sh $0 $infra" >&2
  exit 1
  ;;
esac

export TF_VAR_db_password="demo-$(date +%s)-password"
project="demo-$$"

# Says what is run, runs it, and checks its exit code.
step() {
  expected=$1
  title=$2
  shift 2
  printf '\n\033[1m==> %s\033[0m\n    infra %s\n\n' "$title" "$*"
  code=0
  "$infra" -chdir="$stack" "$@" $options || code=$?
  if [ "$code" -ne "$expected" ]; then
    echo "demo: exit code $code, expected $expected" >&2
    exit 1
  fi
}

options="-state=$work/terraform.tfstate -var-file=environments/dev.tfvars -var=project_name=$project"
step 0 "What would be made" plan
step 0 "Make it" apply -auto-approve
step 0 "A second plan is empty (exit code 0)" plan -detailed-exitcode
step 0 "Nothing has drifted" drift

printf '\n\033[1m==> Somebody changes two things by hand\033[0m\n    python3 tamper.py\n\n'
python3 "$stack/tamper.py" "$project"

step 2 "Drift is found (exit code 2), from configuration, last apply and live" drift
step 0 "Apply it away" apply -auto-approve
step 0 "Nothing has drifted any more" drift
step 0 "Destroy everything" destroy -auto-approve
printf '\n\033[1m==> Done.\033[0m\n'
