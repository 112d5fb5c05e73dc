"""Fields that have more than a line to type in: the command that Enter gives there, and what the help says of it."""

FIELD_EDITORS = {
    "model": ("models", "Enter: choose from a list"),
    "lr_schedule": ("schedule", "Enter: an editor with a plot"),
    "lora_parameters.keys": ("modules", "Enter: choose among the model's"),
}
