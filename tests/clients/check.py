#!/usr/bin/env python3
"""Runs tools that read Terraform's plan JSON over infra's: checkov and terraform-compliance, unchanged, from PyPI.

    check.py INFRA      to be run in a sandbox: `infra sandbox run -- python3 tests/clients/check.py INFRA`

The plan is that of stacks/fastapi from nothing. Each tool gets an environment of its own in the user's cache folder. Where
Terraform with hashicorp/aws can be run (INFRA_TERRAFORM, else `terraform`), checkov's verdicts on its plan of the same stack
must be the same, check by check. Exits 1 where a tool can't read the plan, a scenario fails or a verdict differs.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

VERSIONS = {"checkov": "3.3.30", "terraform-compliance": "1.16.0"}
HERE = Path(__file__).resolve().parent
STACK = HERE.parent.parent / "stacks" / "fastapi"
PASSWORD = "not-a-secret-in-a-sandbox"


def run(*command, cwd=None, allowed=(0,)):
    """The standard output of a command that must end well."""
    command = [str(part) for part in command]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=os.environ | {"TF_VAR_db_password": PASSWORD})
    if done.returncode not in allowed:
        sys.exit(f"{' '.join(command)} exits {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def installed(tool):
    """The program of a tool, installed where it isn't yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "infra" / "clients"
    folder = cache / f"{tool}-{VERSIONS[tool]}"
    program = folder / "bin" / tool
    if not program.exists():
        print(f"==> installing {tool} {VERSIONS[tool]}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", f"{tool}=={VERSIONS[tool]}")
    return program


def plan_json(engine, folder):
    options = ["-input=false", "-var-file=environments/dev.tfvars", "-out=saved.plan"]
    run(engine, "plan", *options, cwd=folder)
    plan = folder / "plan.json"
    plan.write_text(run(engine, "show", "-json", "saved.plan", cwd=folder))
    return plan


def verdicts(checkov, plan):
    """What checkov says of a plan: check, resource and verdict of each."""
    options = ["--framework", "terraform_plan", "--skip-download", "--compact", "-o", "json"]
    # It exits 1 when a check fails, which says nothing about the plan's form.
    answer = json.loads(run(checkov, "-f", plan, *options, cwd=plan.parent, allowed=(0, 1)))
    answer = answer[0] if isinstance(answer, list) else answer
    summary = answer["summary"]
    if summary["parsing_errors"] or not summary["resource_count"]:
        sys.exit(f"checkov can't read the plan: {summary}")
    found = {
        (check["check_id"], check["resource"], check["check_result"]["result"])
        for kind in ("passed_checks", "failed_checks")
        for check in answer["results"][kind]
    }
    return summary, found


def terraform():
    """The command of a Terraform that can plan the stack, or None with the reason printed."""
    command = os.environ.get("INFRA_TERRAFORM") or shutil.which("terraform")
    if not command:
        print("skipped: no Terraform to compare with")
        return None
    return command


def main():
    infra = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as temporary:
        own = Path(temporary) / "infra"
        shutil.copytree(STACK, own)
        (own / "backend.tf").unlink(missing_ok=True)
        plan = plan_json(infra, own)
        checkov = installed("checkov")
        summary, found = verdicts(checkov, plan)
        print(f"checkov {VERSIONS['checkov']}: {summary['resource_count']} resources, {summary['passed']} passed, "
              f"{summary['failed']} failed, no parsing error")
        command = terraform()
        if command:
            other = Path(temporary) / "terraform"
            run(STACK / "terraform-copy", other, cwd=temporary)
            (other / "backend.tf").unlink(missing_ok=True)
            shutil.copytree(STACK / "environments", other / "environments", dirs_exist_ok=True)
            if subprocess.run([command, "init", "-input=false"], cwd=other, capture_output=True).returncode:
                print(f"skipped: {command} can't install hashicorp/aws")
            else:
                _, theirs = verdicts(checkov, plan_json(command, other))
                different = sorted(found ^ theirs)
                print(f"checkov on Terraform's plan: {len(theirs)} verdicts, {len(different)} different")
                if different:
                    sys.exit("\n".join(map(str, different)))
        compliance = installed("terraform-compliance")
        told = run(compliance, "-p", plan, "-f", HERE / "features", "--no-ansi", cwd=temporary)
        print("\n".join(line for line in told.splitlines() if "features (" in line or "scenarios (" in line))


main()
