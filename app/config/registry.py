"""Every training parameter, once: forms, validation, help, YAML order and README are made from this."""

from app.config.parameter import Parameter
from app.config.parameters import (
    advanced,
    core,
    evaluation,
    hyperparameters,
    lora,
    method,
    monitoring,
    optimizer,
)

_SECTIONS = (core, method, optimizer, lora, hyperparameters, monitoring, evaluation, advanced)

PARAMETERS: tuple[Parameter, ...] = tuple(entry for section in _SECTIONS for entry in section.PARAMETERS)
BY_KEY: dict[str, Parameter] = {parameter.key: parameter for parameter in PARAMETERS}

_BY_NAME = {
    name: parameter
    for parameter in PARAMETERS
    for name in (parameter.key, parameter.flat, *parameter.aliases)
    if name is not None
}


def in_group(group_id: str) -> tuple[Parameter, ...]:
    """The parameters of one group, in the order of its form."""
    return tuple(parameter for parameter in PARAMETERS if parameter.group == group_id)


def find(name: str) -> Parameter | None:
    """The parameter that goes by `name`: its key, flat name or an alias; hyphens count as underscores."""
    return _BY_NAME.get(name.replace("-", "_"))
