"""How the files of a model package are written. No packages needed."""

import hashlib
import json
from pathlib import Path
from typing import Any

# What a file is for, by its name; the schema is models/loader/package-schema.ts.
ROLES = {
    "model.onnx": "model",
    "labels.json": "labels",
    "vocabulary.json": "vocabulary",
    "tokenizer.json": "tokenizer",
    "golden.json": "golden",
    "metrics.json": "metrics",
    "CARD.md": "card",
}


def write_json(path: Path, value: Any) -> None:
    """Plain JSON, innermost lists of numbers on one line, a newline at the end."""
    path.write_text(_render(value, "") + "\n", encoding="utf-8")


def file_entry(path: Path) -> dict[str, Any]:
    """A file of the package as model.json lists it."""
    content = path.read_bytes()
    return {
        "name": path.name,
        "role": ROLES[path.name],
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
    }


def _render(value: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{json.dumps(key)}: {_render(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return "[\n" + ",\n".join(inner + _render(item, inner) for item in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)
