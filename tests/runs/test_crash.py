"""What a death is taken for, from recorded texts: those of Metal and CUDA cannot be had on this computer.

The texts are MLX's own, as people met them (mlx-lm#236, mlx-examples#481, mlx#3267, mlx#1231, mlx-lm#1185, mlx#2821) or
as its source writes them.
"""

import signal

import pytest

from app.runs.crash.evidence import Evidence
from app.runs.crash.report import tell
from app.wire.pulse import Pulse

GB = 10**9
CONFIG = {
    "batch_size": 4,
    "grad_accumulation_steps": 2,
    "max_seq_length": 2048,
    "grad_checkpoint": False,
    "learning_rate": 1e-4,
    "lora_parameters": {"rank": 8, "scale": 20.0, "dropout": 0.0},
    "adapter_path": "tuned",
}
ROOMY = Pulse(0.0, 6 * GB, 7 * GB, 16 * GB, 8 * GB, 0)
SCARCE = Pulse(0.0, 11 * GB, 12 * GB, 16 * GB, GB // 2, 3 * GB)
ABORT = "libc++abi: terminating due to uncaught exception of type std::runtime_error: "
METAL = "[METAL] Command buffer execution failed: "
OUT_OF_MEMORY = METAL + "Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)"
TRACE = (
    "Traceback (most recent call last):",
    '  File "/home/ada/.venv/lib/python3.11/site-packages/mlx_lm/tuner/trainer.py", line 201, in train',
    "    mx.eval(state, losses)",
)


def aborted(words, *after):
    """A C++ exception that nobody caught, as the log has it."""
    return Evidence(signal=signal.SIGABRT, log=("train", *words.split("\n"), *after), config=CONFIG)


def raised(words):
    """An exception that Python saw: its trace is in the log, and its line is the reason."""
    return Evidence(code=1, reason=words, log=(*TRACE, words, f"failed at iteration 3: {words}"), config=CONFIG)


def said(words):
    """A failure that was foreseen."""
    return Evidence(code=1, reason=words, log=(f"failed at iteration 3: {words}",), config=CONFIG)


def killed(number=signal.SIGKILL, **more):
    return Evidence(signal=number, log=("iteration 10: train loss 1.2",), config=CONFIG, **more)


DEATHS = {
    "metal aborts": (aborted(ABORT + OUT_OF_MEMORY, "resource_tracker: 1 leaked"), "out_of_memory", "macOS lends"),
    "metal raises": (raised(f"RuntimeError: {OUT_OF_MEMORY}."), "out_of_memory", "macOS lends"),
    "one array": (
        raised(
            "RuntimeError: [metal::malloc] Attempting to allocate 48736917632 bytes which is greater than the maximum "
            "allowed buffer size of 30150672384 bytes."
        ),
        "out_of_memory",
        "48.7 GB, and Metal gives at most 30.2 GB",
    ),
    "malloc": (raised("RuntimeError: [malloc] Unable to allocate 3221225472 bytes."), "out_of_memory", "3.2 GB"),
    "python": (raised("MemoryError: std::bad_alloc"), "out_of_memory", "was refused"),
    "cuda": (raised("RuntimeError: cudaMallocAsync(&data, size, s) failed: out of memory"), "out_of_memory", "card"),
    "cuda aborts": (
        aborted("terminate called after throwing an instance of 'std::runtime_error'\n"
                "  what():  cudaMallocManaged(&data, size) failed: cudaErrorMemoryAllocation"),
        "out_of_memory",
        "card",
    ),
    "the kernel kills": (killed(oom_kills=1, pulse=ROOMY), "out_of_memory", "The kernel counted"),
    "a mac kills": (killed(pulse=SCARCE), "out_of_memory", "keep the computer alive"),
    "a cpu is refused": (killed(signal.SIGSEGV, memory_limit=4 * GB), "out_of_memory", "4.0 GB were allowed"),
    "timeout": (
        aborted(f"{ABORT}{METAL}Caused GPU Timeout Error (00000002:kIOGPUCommandBufferCallbackErrorTimeout)"),
        "gpu_watchdog",
        "macOS allows",
    ),
    "interactivity": (
        raised(f"RuntimeError: {METAL}Impacting Interactivity "
               "(0000000e:kIOGPUCommandBufferCallbackErrorImpactingInteractivity)."),
        "gpu_watchdog",
        "macOS allows",
    ),
    "internal error": (aborted(f"{ABORT}{METAL}Internal Error (0000000e:Internal Error)"), "gpu_watchdog", "macOS"),
    "cuda watchdog": (
        raised("RuntimeError: cudaEventSynchronize(event_) failed: the launch timed out and was terminated"),
        "gpu_watchdog",
        "driver allows",
    ),
    "handles": (raised("RuntimeError: [metal::malloc] Resource limit (499000) exceeded."), "handle_limit", "499,000"),
    "nan": (
        said("The loss is not finite at iteration 1200 (nan), so the training was ended before it was saved: lower "
             "learning_rate, or give it a warm-up."),
        "loss_not_finite",
        "too large",
    ),
    "nothing trained": (
        said("The loss is not finite at iteration 7 (nan), so the training was ended before it was saved: no token of "
             "this batch is trained, as where prompts fill max_seq_length with mask_prompt."),
        "loss_not_finite",
        "leaves none",
    ),
    "full disk": (said("/mnt/tuned: the disk is full, adapters.safetensors could not be written whole."), "disk_full",
                  "/mnt/tuned"),
    "quota": (raised("OSError: [Errno 122] Disk quota exceeded: '/home/ada/cache'"), "disk_full", "/home/ada/cache"),
    "package": (raised("ModuleNotFoundError: No module named 'google.protobuf'"), "missing_package", "google.protobuf"),
    "tokenizer's package": (
        said("model: x cannot be loaded: LlamaTokenizer requires the SentencePiece library but it was not found in "
             "your environment."),
        "missing_package",
        "SentencePiece",
    ),
    "report_to": (
        said("report_to: wandb is not installed. please install wandb via: pip install wandb"),
        "missing_package",
        "wandb",
    ),
    "bad line": (said("rows/train.jsonl:12: this line is not a JSON object (Expecting value): mend or remove it."),
                 "data_row", "not a JSON object"),
    "foreseen": (said("num_layers: 16 is more than the 2 layers of m: lower it, or -1 for all."), "foreseen", ""),
    "python error": (raised("KeyError: 'q_proj'"), "python_error", "from mlx_lm/tuner/trainer.py:201 in train"),
    "crash": (killed(signal.SIGSEGV, pulse=ROOMY), "crashed", "not its own"),
    "somebody": (killed(pulse=ROOMY, oom_kills=0), "killed", "memory was not short"),
    "nobody knows": (killed(), "killed", "nobody recorded which"),
    "session end": (killed(signal.SIGHUP), "killed", "before it could save"),
    "exit code": (Evidence(code=3), "unknown", ""),
    "switched off": (Evidence(recorded=False, same_boot=False, pulse=ROOMY), "lost", "started anew since"),
    "all killed": (Evidence(recorded=False, same_boot=True), "lost", "the computer ran on"),
    "no trace": (Evidence(recorded=False), "lost", "switched off"),
    "disk too full to tell": (Evidence(recorded=False, same_boot=True, free_disk=0, folder="/r"), "disk_full", "/r"),
}  # fmt: skip


@pytest.mark.parametrize("death", DEATHS)
def test_each_death_is_known(death):
    evidence, code, part = DEATHS[death]
    report = tell(evidence)
    assert report.code == code
    assert part in report.why
    assert report.title and not report.title.endswith(":") and "\n" not in report.title + report.why
    assert all(each.words.count("\n") == 0 for each in report.proposals)


def test_what_makes_steps_smaller_keeps_the_rows_of_an_update():
    report = tell(aborted(ABORT + OUT_OF_MEMORY))
    changes = [dict(each.changes) for each in report.proposals if each.changes]
    assert changes == [
        {"grad_checkpoint": True},
        {"batch_size": 2, "grad_accumulation_steps": 4},
        {"max_seq_length": 1024},
    ]
    assert any("Fit memory" in each.words for each in report.proposals)
    least = {"batch_size": 1, "grad_checkpoint": True, "max_seq_length": 256}
    smallest = tell(Evidence(signal=signal.SIGKILL, oom_kills=1, config=least))
    assert not any(each.changes for each in smallest.proposals)


def test_iterations_follow_the_batch():
    changes = tell(Evidence(signal=signal.SIGKILL, oom_kills=1, config=CONFIG, iters=300)).proposals[1].changes
    assert dict(changes) == {"batch_size": 2, "grad_accumulation_steps": 4, "iters": 600}
    later = Evidence(signal=signal.SIGKILL, oom_kills=1, config=CONFIG, iters=300, saved=200)
    assert dict(tell(later).proposals[1].changes)["iters"] == 400


def test_the_memory_is_told_against_the_estimate():
    report = tell(killed(pulse=SCARCE, expected_peak=9 * GB, peak=10 * GB))
    assert "11.0 GB, 12.0 GB at most" in report.memory
    assert (
        "500 MB" not in report.memory and "0.5 GB of the computer's 16.0 GB were free, 3.0 GB swapped" in report.memory
    )
    assert "10.0 GB of at most 9.0 GB: 11% more than estimated" in report.memory
    assert tell(said("num_layers: 16 is too many")).memory == ""


def test_what_is_kept_is_told():
    assert "iteration 200, 34 before the end" in tell(killed(iteration=234, saved=200)).kept
    assert tell(killed(iteration=234)).kept == "No checkpoint was saved."
    assert tell(said("model: no such folder")).kept == ""


def test_a_row_is_named_by_its_line():
    sentence = "data: row 8 of the train set is unlike row 1 (no 'text'): mend or remove it."
    there = tell(Evidence(code=1, reason=sentence, sets={"train": "rows/train.jsonl"}))
    assert (there.code, there.title) == ("data_row", "A row of the data broke it: rows/train.jsonl:8")
    assert "no 'text'" in there.why
    assert "row 8 of the train set" in tell(Evidence(code=1, reason=sentence)).title


def test_a_trace_is_folded_with_those_that_it_came_from():
    between = ("", "During handling of the above exception, another exception occurred:", "")
    chain = (*TRACE, "KeyError: 'a'", *between, *TRACE, "ValueError: b")
    log = ("train", *chain, "failed at iteration 3: ValueError: b")
    assert tell(Evidence(code=1, reason="ValueError: b", log=log)).trace == chain
    survived = (*TRACE, "OSError: once", *["iteration"] * 9, *TRACE, "ValueError: b")
    assert tell(Evidence(code=1, reason="ValueError: b", log=survived)).trace == (*TRACE, "ValueError: b")


def test_an_error_that_goes_on_and_on_is_cut():
    report = tell(raised(f"ValueError: {'array ' * 1000}"))
    assert len(report.title) < 250 and len(report.trace[-1]) > 5000


def test_what_was_survived_is_not_what_it_died_of():
    warned = "warning: The checkpoint of iteration 2 was not saved: /a: no space is left on the disk."
    assert tell(Evidence(signal=signal.SIGKILL, log=(warned,), pulse=ROOMY)).code == "killed"
