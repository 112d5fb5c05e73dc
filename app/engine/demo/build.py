"""Build the demo: a SmolLM3-shaped model with random weights, a real tokenizer, data, and a configuration."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.models import smollm3
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

_DATA = Path(__file__).parent
_SPLITS = ("train", "valid", "test")
_END, _PAD = "<|end|>", "<|pad|>"
_TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


@dataclass(frozen=True)
class Shape:
    """The size of the model: SmolLM3's layout with these numbers."""

    hidden: int = 64
    layers: int = 4
    heads: int = 4
    vocabulary: int = 512


def build(folder: Path, shape: Shape = Shape()) -> Path:
    """Build the demo at `folder` unless it is there, and return its `demo.yaml`.

    The folder appears whole or not at all, also when several processes build it at once. Raises OSError.
    """
    config = folder / "demo.yaml"
    if not config.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            _fill(staged, shape)
            staged.chmod(0o755)
            staged.rename(folder)
        except OSError:
            if not config.exists():  # else another process was first, which is as good
                raise
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return config


def build_and_tell(folder: Path) -> int:
    """Build and print the configuration's path as one line of JSON."""
    try:
        print(json.dumps({"config": str(build(folder.absolute()))}))
    except OSError as error:
        print(json.dumps({"error": f"{folder}: the demo cannot be written here ({error.strerror})."}))
        return 1
    return 0


def _fill(staged: Path, shape: Shape) -> None:
    data, model = staged / "data", staged / "model"
    data.mkdir()
    for split in _SPLITS:
        shutil.copyfile(_DATA / f"{split}.jsonl", data / f"{split}.jsonl")
    tokenizer = _tokenizer(data / "train.jsonl", shape.vocabulary)
    tokenizer.save_pretrained(model)
    _save_model(model, shape, tokenizer)
    shutil.copyfile(_DATA / "demo.yaml", staged / "demo.yaml")


def _tokenizer(rows: Path, vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE trained on the messages."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [_END, _PAD, "<|system|>", "<|user|>", "<|assistant|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    messages = (message for line in rows.open() for message in json.loads(line)["messages"])
    tokenizer.train_from_iterator((message["content"] for message in messages), trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=_END, pad_token=_PAD, chat_template=_TEMPLATE)


def _save_model(folder: Path, shape: Shape, tokenizer: PreTrainedTokenizerFast) -> None:
    config = {
        "model_type": "smollm3",
        "architectures": ["SmolLM3ForCausalLM"],
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "intermediate_size": 3 * shape.hidden,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads // 2,
        "rms_norm_eps": 1e-6,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 2048,
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "torch_dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    mx.random.seed(0)
    model = smollm3.Model(smollm3.ModelArgs.from_dict(config))
    mx.save_safetensors(str(folder / "model.safetensors"), dict(tree_flatten(model.parameters())), {"format": "mlx"})
