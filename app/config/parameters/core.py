"""What is trained, and on what."""

from app.config.groups import CORE
from app.config.parameter import Kind, Parameter

PARAMETERS = (
    Parameter(
        key="model",
        group=CORE.id,
        kind=Kind.TEXT,
        default="Qwen/Qwen3-0.6b",
        label="Model",
        aliases=("model_name_or_path", "base_model", "base_model_name_or_path"),
        help="A local model folder or a Hugging Face repository. Left out, mlx-lm downloads and trains"
        " Qwen/Qwen3-0.6b without asking.",
        memory="The weights are the largest part; a 4-bit model takes about a quarter of a 16-bit one.",
        speed="Time per step grows with the number of weights.",
        quality="The base model sets the ceiling of what an adapter can reach.",
    ),
    Parameter(
        key="train",
        group=CORE.id,
        kind=Kind.SWITCH,
        default=False,
        label="Train",
        help="Train the model. mlx-lm's default is false, and it refuses to run with neither train nor test.",
    ),
    Parameter(
        key="data",
        group=CORE.id,
        kind=Kind.TEXT,
        default="mlx-community/WikiSQL",
        label="Data",
        help="A folder with train.jsonl, valid.jsonl and test.jsonl, or a Hugging Face dataset with splits of"
        " those names (a split named validation is not seen). A mistyped folder is taken for a dataset;"
        " left out, mlx-lm trains on WikiSQL.",
        memory="Tokenized rows stay in host memory, about 36 bytes a token.",
        quality="The first row decides the format of all rows.",
    ),
    Parameter(
        key="hf_dataset",
        group=CORE.id,
        kind=Kind.STRUCTURE,
        default=None,
        optional=True,
        label="Hub dataset",
        help="One mapping, or a list of them: path, train_split, valid_split, test_split, config and the"
        " field names (prompt_feature, ...), which are then read from here only. Takes the place of data;"
        " testing needs test_split.",
        typical="{path: org/name, train_split: 'train[:90%]', valid_split: 'train[-10%:]'}",
    ),
    Parameter(
        key="prompt_feature",
        group=CORE.id,
        kind=Kind.TEXT,
        default="prompt",
        label="Prompt field",
        help="The field of a row that holds the prompt, in prompt and completion data. Rows with both fields"
        " are read so even if they hold messages too. Not read beside hf_dataset, which carries its own.",
    ),
    Parameter(
        key="completion_feature",
        group=CORE.id,
        kind=Kind.TEXT,
        default="completion",
        label="Completion field",
        help="The field of a row that holds the answer, in prompt and completion data."
        " Not read beside hf_dataset, which carries its own.",
    ),
    Parameter(
        key="chat_feature",
        group=CORE.id,
        kind=Kind.TEXT,
        default="messages",
        label="Chat field",
        help="The field of a row that holds the list of messages, in chat data."
        " Not read beside hf_dataset, which carries its own.",
    ),
    Parameter(
        key="text_feature",
        group=CORE.id,
        kind=Kind.TEXT,
        default="text",
        label="Text field",
        help="The field of a row that holds plain text, looked for last. Text has no prompt to mask."
        " Not read beside hf_dataset, which carries its own.",
    ),
)
