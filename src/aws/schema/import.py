#!/usr/bin/env python3
"""Copies provider facts from a probe's output folder into this crate, in a form that diffs line by line.

    import.py SOURCE_DIR TYPE..        aws_vpc data.aws_region ..: adds these types, or refreshes them
    import.py SOURCE_DIR               refreshes every type that is already here

SOURCE_DIR holds what a probe of hashicorp/aws wrote: `resources/TYPE.json`, `data-sources/TYPE.json`, `provider.json`
and `tags_all.json`. Each type's facts are split by who reads them:

    schema/TYPE.json            type, schema_version, block, conflicts: embedded, read by the planner
    schema/data/TYPE.json       the same for a data source
    schema/ephemeral/TYPE.json  the same for an ephemeral resource; written by hand, from the provider's own schema
    schema/provider.json        the provider block's own schema, and the provider version all facts are from
    conformance/TYPE.json       minimal_config, scenarios, checks: what the planner is tested against
    conformance/data/TYPE.json  reads: inputs and exact answers of a data source, where the probe has them
    conformance/tags_all.json   what `tags_all` is planned to be

Nothing is derived, renamed or dropped, but for what corrections.json says: a probe that sets two names together with what
each of them needs can take a clash of those needs for one of the two, it knows only some kinds of limits, and it sees that a
block replaces but not how that is reported. There, by type, `not_conflicts` are pairs the provider accepts together, `accepts`
adds limits by path, `replaced_as_blocks` are list blocks whose replacement is reported for the block too, not only for what is
in it, and `missing_block_stays` are list blocks that the provider keeps when the configuration has none, with their content
back at its defaults. A member this script does not know is an error, and so is a provider version other than the one the facts here
came from (`--new-version` accepts it; then refresh every type).
"""

import argparse
import json
import sys
from pathlib import Path

SCHEMA = Path(__file__).resolve().parent
CONFORMANCE = SCHEMA.parent / "conformance"

SCHEMA_MEMBERS = ["type", "schema_version", "block", "conflicts"]
CONFORMANCE_MEMBERS = ["type", "minimal_config", "scenarios", "checks", "reads"]
SOURCE_MEMBERS = {*SCHEMA_MEMBERS, *CONFORMANCE_MEMBERS, "provider", "provider_version"}


def compact(value):
    """One line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def lines(opening, items, closing, depth):
    """A JSON object or array with one item a line."""
    if not items:
        return opening + closing
    pad = " " * depth
    return f"{opening}\n" + ",\n".join(f"{pad} {item}" for item in items) + f"\n{pad}{closing}"


def block_text(block, depth):
    """A schema block: one attribute a line, nested blocks indented by one space a level."""
    members = []
    for name, value in block.items():
        if name == "attributes":
            items = [f"{compact(key)}: {compact(facts)}" for key, facts in value.items()]
        elif name == "block_types":
            items = [f"{compact(key)}: {nested_text(nested, depth + 2)}" for key, nested in value.items()]
        else:
            sys.exit(f"import: unknown member `{name}` of a block")
        members.append(f"{compact(name)}: {lines('{', items, '}', depth + 1)}")
    return lines("{", members, "}", depth)


def nested_text(nested, depth):
    """A block type: its own facts, one a line, then its block."""
    items = [f"{compact(key)}: {compact(value)}" for key, value in nested.items() if key != "block"]
    items.append(f'"block": {block_text(nested["block"], depth + 1)}')
    return lines("{", items, "}", depth)


def document_text(members):
    """A whole file: lists with one item a line, blocks as `block_text`, everything else on its own line."""
    items = []
    for name, value in members.items():
        if name == "block":
            text = block_text(value, 1)
        elif isinstance(value, list):
            text = lines("[", [compact(item) for item in value], "]", 1)
        else:
            text = compact(value)
        items.append(f"{compact(name)}: {text}")
    return lines("{", items, "}", 0) + "\n"


def write(path, text, facts):
    """Writes `text` after making sure that it says exactly what `facts` say."""
    if json.loads(text) != facts:
        sys.exit(f"import: {path} would not hold the facts of its source")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def select(facts, members):
    return {name: facts[name] for name in members if name in facts}


def load(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"import: cannot read {path}: {error}")


def correct(facts, corrections):
    """Applies what was found out beyond the probe; a correction that corrects nothing is an error."""
    for pair in corrections.get("not_conflicts", []):
        if pair not in facts.get("conflicts", []):
            sys.exit(f"import: {facts['type']} has no conflict {pair} to correct")
        facts["conflicts"].remove(pair)
    for path, limits in corrections.get("accepts", {}).items():
        block, name = parent(facts, path)
        block["attributes"][name]["accepts"].update(limits)
    for path in corrections.get("replaced_as_blocks", []):
        add_to_block(facts, path, {"replace_reported_for": [path]})
    for path in corrections.get("missing_block_stays", []):
        add_to_block(facts, path, {"missing_block_stays": True})


def add_to_block(facts, path, members):
    """Adds facts of a block before its content."""
    block, name = parent(facts, path)
    nested = block["block_types"][name]
    content = nested.pop("block")
    nested.update({**members, "block": content})


def parent(facts, path):
    """The block that a path's last name belongs to, and that name."""
    *blocks, name = path.split(".")
    block = facts["block"]
    for nested in blocks:
        block = block["block_types"][nested]["block"]
    return block, name


def import_type(source, address, version):
    is_data = address.startswith("data.")
    name = address.removeprefix("data.")
    facts = load(source / ("data-sources" if is_data else "resources") / f"{name}.json")
    unknown = set(facts) - SOURCE_MEMBERS
    if unknown:
        sys.exit(f"import: unknown members of {address}: {', '.join(sorted(unknown))}")
    if facts["provider_version"] != version:
        sys.exit(f"import: {address} is from {facts['provider_version']}, provider.json from {version}")

    if not is_data:
        correct(facts, load(SCHEMA / "corrections.json").get(name, {}))
    folder = "data" if is_data else "."
    schema = select(facts, SCHEMA_MEMBERS)
    write(SCHEMA / folder / f"{name}.json", document_text(schema), schema)
    conformance = select(facts, CONFORMANCE_MEMBERS)
    if len(conformance) > 1:
        write(CONFORMANCE / folder / f"{name}.json", document_text(conformance), conformance)


def import_provider(source, accept_new_version):
    facts = load(source / "provider.json")
    here = SCHEMA / "provider.json"
    if here.exists() and not accept_new_version:
        version = load(here)["provider_version"]
        if facts["provider_version"] != version:
            sys.exit(f"import: facts here are from {version}, the source is {facts['provider_version']}: --new-version?")
    write(here, document_text(facts), facts)
    tags = load(source / "tags_all.json")
    write(CONFORMANCE / "tags_all.json", lines("[", [compact(item) for item in tags], "]", 0) + "\n", tags)
    return facts["provider_version"]


def present():
    resources = [path.stem for path in SCHEMA.glob("aws_*.json")]
    return resources + [f"data.{path.stem}" for path in SCHEMA.glob("data/aws_*.json")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, metavar="SOURCE_DIR")
    parser.add_argument("types", nargs="*", metavar="TYPE")
    parser.add_argument("--new-version", action="store_true")
    arguments = parser.parse_args()

    version = import_provider(arguments.source, arguments.new_version)
    refresh_all = arguments.new_version or not arguments.types
    types = {*arguments.types, *(present() if refresh_all else [])}
    for address in sorted(types):
        import_type(arguments.source, address, version)
    print(f"imported {len(types)} types of hashicorp/aws {version}")


if __name__ == "__main__":
    main()
