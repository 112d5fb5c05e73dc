"""Whether mlx-lm can train a model is what mlx-lm's own look-up says."""

import gc
import subprocess
import sys
import threading

import mlx_lm.utils
import pytest

from app.models.layers import PLAIN_TYPES
from app.models.trainable import Architectures, installed_architectures, why_not

KNOWN = installed_architectures()
assert KNOWN is not None
NAMES = sorted(
    KNOWN.modules
    | set(mlx_lm.utils.MODEL_REMAPPING)
    | {model_type for model_type, _ in mlx_lm.utils.MODEL_ARCHITECTURE_REMAPPING}
    | {"gpt5", "", "../utils", "models.llama"}
)
# Its module ends the process that lacks another package, which cannot be seen from outside.
NAMES.remove("olmo")


def _is_found(config: dict) -> bool:
    try:
        mlx_lm.utils._get_classes(config)
    except (ValueError, AttributeError, ModuleNotFoundError, TypeError):
        return False
    return True


@pytest.mark.parametrize("architectures", [None, [], "X", ["BailingMoeV3ForCausalLM"]])
def test_every_model_type_is_found_or_not_as_by_mlx_lm(architectures):
    configs = [{"model_type": name, "architectures": architectures} for name in NAMES]
    ours = {config["model_type"] for config in configs if why_not(config, KNOWN) is None}
    assert ours == {config["model_type"] for config in configs if _is_found(config)}
    assert len(ours) > 100


def test_tables_are_mlx_lms():
    assert KNOWN.by_type == mlx_lm.utils.MODEL_REMAPPING
    assert KNOWN.by_architecture == mlx_lm.utils.MODEL_ARCHITECTURE_REMAPPING


def test_the_types_whose_layers_we_tell_are_there_and_by_no_other_name():
    assert {KNOWN.by_type.get(name, name) for name in PLAIN_TYPES} <= KNOWN.modules
    assert {name for name in PLAIN_TYPES if name in KNOWN.by_type} == {"mistral"}


def test_an_unknown_type_and_code_of_its_own_are_told_apart():
    assert "has no model_type gpt5" in (why_not({"model_type": "gpt5"}, KNOWN) or "")
    assert "trust_remote_code" in (why_not({"model_type": "llama", "model_file": "own.py"}, KNOWN) or "")


def test_odd_architectures_are_passed_over():
    assert why_not({"model_type": "llama", "architectures": [{}, 3]}, KNOWN) is None


def test_nothing_is_claimed_without_mlx_lm(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "mlx_lm")
    assert installed_architectures() is None
    (tmp_path / "mlx_lm" / "models").mkdir(parents=True)
    assert installed_architectures() is None
    (tmp_path / "mlx_lm" / "utils.py").write_text("MODEL_REMAPPING = load()")
    assert installed_architectures() is None
    assert why_not({"model_type": "anything"}, None) is None


def test_a_moved_table_is_not_guessed(tmp_path):
    known = Architectures(tmp_path, frozenset({"llama"}), {}, {})
    (tmp_path / "llama.py").write_text("class Model(nn.Module):\n    pass\n")
    assert why_not({"model_type": "llama"}, known) is None


def test_nothing_heavy_is_imported_by_the_whole_room():
    program = (
        "import sys\n"
        "from app.models import adapters, cache, folder, hub\n"
        "from app.models.trainable import installed_architectures\n"
        "assert installed_architectures()\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {"mlx", "mlx_lm", "numpy", "huggingface_hub", "transformers", "urllib.request", "ssl", "psutil"}
    assert not heavy.intersection(done.stdout.split())


class Busy:
    """Garbage whose end runs Python code, so that threads change in the middle of whatever allocates."""

    def __del__(self):
        for _ in range(50):
            pass


def test_several_threads_may_look_at_once():
    """CPython's ast.parse alone fails in this test: its threads share a counter of recursion."""
    failures = []
    before = sys.getswitchinterval()

    def look(depth):
        if depth:
            return look(depth - 1)
        for _ in range(60):
            for _ in range(20):
                busy = Busy()
                busy.itself = busy
            try:
                assert installed_architectures() is not None
            except SystemError as error:
                failures.append(error)

    def count(*_):
        sum(range(200))

    gc.callbacks.append(count)
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=look, args=(depth,)) for depth in (1, 40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
        gc.callbacks.remove(count)
    assert not failures
