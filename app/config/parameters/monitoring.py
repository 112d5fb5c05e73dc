"""What is reported and saved while training."""

from app.config.groups import MONITORING
from app.config.parameter import Kind, Parameter

PARAMETERS = (
    Parameter(
        key="steps_per_report",
        group=MONITORING.id,
        kind=Kind.INTEGER,
        default=10,
        minimum=1,
        label="Steps per report",
        help="Iterations between reports of the mean training loss; 50 is a good balance. Tunedeck also"
        " records the loss of every step.",
        typical="10 to 100",
    ),
    Parameter(
        key="steps_per_eval",
        group=MONITORING.id,
        kind=Kind.INTEGER,
        default=200,
        minimum=1,
        label="Steps per eval",
        help="Iterations between validations; the first and the last iteration validate too. Each runs before"
        " its step, so the final weights are never validated. 50 catches overfitting early.",
        typical="50 to 500",
        speed="Each validation costs val_batches forward passes.",
    ),
    Parameter(
        key="save_every",
        group=MONITORING.id,
        kind=Kind.INTEGER,
        default=100,
        minimum=1,
        label="Save every",
        help="Iterations between numbered checkpoints in adapter_path; the final weights are always saved."
        " Each is a whole adapter on disk; 500 is reasonable.",
        typical="100 to 1000",
    ),
    Parameter(
        key="adapter_path",
        group=MONITORING.id,
        kind=Kind.PATH,
        default="adapters",
        label="Adapter folder",
        aliases=("adapter_file", "output_dir"),
        help="Folder for adapters.safetensors, adapter_config.json and numbered checkpoints. A test-only run"
        ' loads its adapter from here; an empty text ("") there tests the base model.',
    ),
    Parameter(
        key="resume_adapter_file",
        group=MONITORING.id,
        kind=Kind.PATH,
        default=None,
        optional=True,
        label="Resume from",
        help="An adapter file whose weights to start from. Weights only: optimizer, schedule, iteration count"
        " and data order start afresh, numbered checkpoints are overwritten, and another rank or fewer layers"
        " load without a word.",
    ),
)
