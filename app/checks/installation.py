"""What is installed beside the app: a backend for MLX, and packages that a configuration asks for."""

from collections.abc import Iterator

from app.checks.context import Context
from app.checks.finding import Finding, Fix
from app.checks.surroundings import Standing

TRACKERS = ("wandb", "swanlab")
"""mlx_lm.tuner.callbacks.SUPPORT_CALLBACK."""


def no_backend(context: Context) -> Iterator[Finding]:
    around = context.surroundings
    if around is not None and around.backend_problem:
        why = "Nothing of mlx-lm runs without exactly one backend."
        code = "two-backends" if len(around.backends) > 1 else "no-backend"
        yield Finding("error", code, (), around.backend_problem, why)


def no_datasets(context: Context) -> Iterator[Finding]:
    values, around = context.values, context.surroundings
    if around is None or "datasets" in around.packages:
        return
    on_hub = around.data.standing is Standing.MISSING and not around.data.means_folder and values["data"]
    if values["hf_dataset"] or on_hub:
        key = "hf_dataset" if values["hf_dataset"] else "data"
        yield Finding(
            "error",
            "no-datasets-package",
            (key,),
            f"{key} is read from the hub, which takes the package datasets: install it (pip install datasets), or name"
            " a folder.",
            "mlx-lm imports it when the model has loaded.",
        )


def tracker(context: Context) -> Iterator[Finding]:
    """Names as mlx-lm reads them: apart by commas, in any case."""
    names = [name.strip().lower() for name in (context.values["report_to"] or "").split(",") if name.strip()]
    unknown = [name for name in names if name not in TRACKERS]
    around = context.surroundings
    missing = [name for name in names if around and name in TRACKERS and name not in around.packages]
    kept = ",".join(name for name in names if name not in (*unknown, *missing)) or None
    fix = Fix(f"report to {kept or 'none'}", (("report_to", kept),))
    if unknown:
        yield Finding(
            "error",
            "tracker-unknown",
            ("report_to",),
            f"mlx-lm cannot report to {', '.join(unknown)}: name {' or '.join(TRACKERS)}, or leave it empty.",
            "It fails before the model has loaded.",
            fix,
        )
    elif missing:
        yield Finding(
            "error",
            "tracker-missing",
            ("report_to",),
            f"report_to needs {' and '.join(missing)}, not installed here: pip install {' '.join(missing)}, or leave it"
            " empty.",
            "mlx-lm fails before the model has loaded.",
            fix,
        )
