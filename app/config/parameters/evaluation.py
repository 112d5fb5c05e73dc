"""What is measured on rows that are not trained."""

from app.config.groups import EVALUATION
from app.config.parameter import Kind, Parameter

PARAMETERS = (
    Parameter(
        key="test",
        group=EVALUATION.id,
        kind=Kind.SWITCH,
        default=False,
        label="Test",
        help="Measure loss and perplexity on the test set after training; without train, on the adapter in"
        " adapter_path. Needs a test set of at least batch_size rows.",
    ),
    Parameter(
        key="test_batches",
        group=EVALUATION.id,
        kind=Kind.INTEGER,
        default=500,
        minimum=-1,
        forbidden=(0,),
        label="Test batches",
        help="Batches of the test set to measure; -1 takes all. 0 gives NaN.",
        typical="-1 (all) or positive integer",
        speed="One forward pass a batch, once, at the end.",
    ),
    Parameter(
        key="val_batches",
        group=EVALUATION.id,
        kind=Kind.INTEGER,
        default=25,
        minimum=-1,
        forbidden=(0,),
        label="Validation batches",
        help="Batches of the validation set to measure each time; -1 takes all. Fewer than all draws another"
        " random subset each time, so losses differ by chance. 0 gives NaN.",
        typical="-1 (all) or positive integer",
        speed="One forward pass a batch, at every validation.",
    ),
)
