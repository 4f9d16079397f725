"""A process that somebody started in a shell: decoded, checked, counted, and given to its model."""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any

from . import argspec, helpers, rawcommands
from .backend import BackendError
from .files import PathError
from .host import Host
from .models import MODELS
from .payload import HelperCall, ModuleCall, PayloadError, RawCommand, decode
from .shells import Output
from .task import ModuleFailure, Task


class Commands:
    """Runs the command lines that reach a host."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def run(self, line: str, stdin: bytes) -> Output:
        """The output of one process; never raises for what the caller sent."""
        try:
            call = decode(line, stdin)
        except PayloadError as exc:
            self._host.count("refused")
            return _module_output({"failed": True, "msg": str(exc)})
        if isinstance(call, ModuleCall):
            self._host.count("module", call.module, call.check_mode)
            return _module_output(self.module(call))
        if isinstance(call, HelperCall):
            self._host.count("helper", call.name)
            return helpers.run(self._host, call)
        assert isinstance(call, RawCommand)
        self._host.count("raw")
        return rawcommands.run(self._host, call.text)

    def module(self, call: ModuleCall) -> dict[str, Any]:
        """The result of a module, failures included."""
        try:
            arguments = argspec.check(call.module, call.arguments)
            model = MODELS[call.module]
            with self._host.lock:
                result = model(self._host, Task(call.module, arguments, call.check_mode, call.diff_mode))
        except ModuleFailure as exc:
            return {"changed": False, **exc.details, "failed": True, "msg": str(exc)}
        except (argspec.ArgumentError, BackendError, PathError) as exc:
            return {"changed": False, "failed": True, "msg": str(exc)}
        except Exception as exc:
            traceback.print_exc(file=sys.stderr)
            return {"failed": True, "msg": f"The stand-in's model of {call.module} failed: {exc!r}"}
        result.setdefault("changed", False)
        return result


def _module_output(result: dict[str, Any]) -> Output:
    return Output(json.dumps(result, ensure_ascii=False).encode() + b"\r\n", b"", 1 if result.get("failed") else 0)
